# SPDX-FileCopyrightText: The Agora authors
# SPDX-License-Identifier: Apache-2.0
#
# A file with an actor takes up to 1 GiB to compile: the pool "heavy" lets run
# as many of them at once as the memory holds, and never more than the cores.

cmake_host_system_information(RESULT _cores QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT _memory_mib QUERY AVAILABLE_PHYSICAL_MEMORY)
math(EXPR _heavy "${_memory_mib} / 1536")
if(_heavy GREATER _cores)
  set(_heavy ${_cores})
endif()
if(_heavy LESS 1)
  set(_heavy 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS heavy=${_heavy})
