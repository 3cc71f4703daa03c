# SPDX-FileCopyrightText: The Agora authors
# SPDX-License-Identifier: Apache-2.0
#
# cmake -D DOCUMENT=... -D BLOCK=NAME -D OUTPUT=... -P extract_code.cmake
#
# Writes the fenced block of a Markdown document whose first line is "// NAME"
# ("# NAME" if it is one of CMake), as it stands there. Fails if there is not
# exactly one.
cmake_minimum_required(VERSION 3.25)
file(READ ${DOCUMENT} text)
if(BLOCK MATCHES "[.](txt|cmake)$")
  set(opening "```cmake\n")
  set(comment "#")
else()
  set(opening "```cpp\n")
  set(comment "//")
endif()
set(fence "${opening}${comment} ${BLOCK}\n")
string(FIND "${text}" "${fence}" begin)
string(FIND "${text}" "${fence}" last REVERSE)
if(begin EQUAL -1 OR NOT begin EQUAL last)
  message(FATAL_ERROR "${DOCUMENT}: not exactly one block begins with ${comment} ${BLOCK}")
endif()
string(LENGTH "${opening}" opening_length)
math(EXPR begin "${begin} + ${opening_length}")
string(SUBSTRING "${text}" ${begin} -1 text)
string(FIND "${text}" "\n```\n" length)
math(EXPR length "${length} + 1")
string(SUBSTRING "${text}" 0 ${length} code)
file(WRITE ${OUTPUT} "${code}")
