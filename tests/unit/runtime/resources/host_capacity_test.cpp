// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/detect.hpp"
#include "runtime/resources/host_capacity.hpp"
#include "runtime/resources/resources_text.hpp"

#include <gtest/gtest.h>

namespace agora {
namespace {

constexpr uint64_t gib = 1024 * 1024 * 1024;

constexpr host_capacity large{8, 16 * gib, 100 * gib};

TEST(HostCapacity, KeepsSomeForTheSystem) {
  EXPECT_EQ(to_string(default_resources(large)),
            "cpus:8;disk:97280;mem:15360;ports:[31000-32000]");
  EXPECT_EQ(to_string(default_resources({1, 2 * gib, 10 * gib})),
            "cpus:1;disk:5120;mem:1024;ports:[31000-32000]");
}

TEST(HostCapacity, SmallMachinesKeepHalf) {
  EXPECT_EQ(to_string(default_resources({1, 2 * gib - 1, 10 * gib - 1})),
            "cpus:1;disk:5119;mem:1023;ports:[31000-32000]");
  EXPECT_EQ(to_string(default_resources({})), "ports:[31000-32000]");
}

TEST(HostCapacity, TheSettingGoesBeforeWhatIsDetected) {
  auto made = agent_resources("cpus:2;disk:0;gpus:1;ports:[80-80]", large);
  ASSERT_TRUE(made);
  EXPECT_EQ(to_string(*made), "cpus:2;gpus:1;mem:15360;ports:[80-80]");
  EXPECT_EQ(*agent_resources("", large), default_resources(large));
  EXPECT_EQ(agent_resources("cpus", large).error(), errc::invalid_resources);
}

TEST(HostCapacity, ThisMachineHasSomeOfEach) {
  auto host = detect_host(".");
  ASSERT_TRUE(host) << describe(host.error());
  EXPECT_GE(host->cpus, 1u);
  EXPECT_GT(host->memory_bytes, 16u * 1024 * 1024);
  EXPECT_GT(host->disk_bytes, 0u);
}

TEST(HostCapacity, NamesTheDirectoryThatIsMissing) {
  auto host = detect_host("/no/such/directory");
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error(), errc::io_failed);
  EXPECT_NE(text_of(host.error()).find("/no/such/directory"),
            std::string::npos);
}

} // namespace
} // namespace agora
