// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace agora::shim {

/// Executes `program` in place of this process, as a shell would: without a
/// slash it is looked up in the PATH of `environment`; a file in no format that
/// the kernel knows is given to /bin/sh. Returns only on failure, with errno:
/// EACCES if there is such a file and it may not be executed, ENOENT if there
/// is none.
///
/// Allocates nothing: the caller may share its memory (vfork).
void execute_program(const char* program, char** arguments, char** environment);

} // namespace agora::shim
