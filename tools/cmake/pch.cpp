// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// Exists so that there is a target to build the precompiled header with.
