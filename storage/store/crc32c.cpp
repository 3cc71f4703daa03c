// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "storage/store/crc32c.hpp"

#include <rocksdb/file_checksum.h>

#include <string>

namespace agora {

uint32_t crc32c(std::initializer_list<std::string_view> parts) {
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  auto generator = factory->CreateFileChecksumGenerator({});
  for (auto part : parts)
    generator->Update(part.data(), part.size());
  generator->Finalize();
  // Four bytes, most significant first.
  uint32_t sum = 0;
  for (auto byte : generator->GetChecksum())
    sum = sum << 8 | static_cast<uint8_t>(byte);
  return sum;
}

} // namespace agora
