// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/cluster/cluster_fixture.hpp"

namespace agora {

namespace {

class ClusterVersion : public ::testing::Test, public cluster_fixture {
protected:
  void found(uint32_t at) {
    version = at;
    cluster::Entry founded;
    founded.mutable_cluster_founded()->set_cluster_id("c1u57e12");
    accepted(founded);
  }

  static cluster::Entry raised(uint32_t to) {
    cluster::Entry entry;
    entry.mutable_cluster_version_raised()->set_version(to);
    return entry;
  }

  static cluster::Entry started(uint64_t term) {
    cluster::Entry entry;
    auto& epoch = *entry.mutable_term_started()->mutable_epoch();
    epoch.set_generation(1);
    epoch.set_term(term);
    return entry;
  }
};

TEST_F(ClusterVersion, IsThatOfTheFirstEntry) {
  found(oldest_cluster_version);
  EXPECT_EQ(state.version(), oldest_cluster_version);
}

TEST_F(ClusterVersion, RejectsWhatIsNewerUntilItIsRaised) {
  found(oldest_cluster_version);
  version = cluster_version;
  EXPECT_EQ(rejected(started(1)), errc::version_mismatch);
  accepted(raised(cluster_version));
  EXPECT_EQ(state.version(), cluster_version);
  accepted(started(1));
  // What was proposed before, and comes behind, is understood all the same.
  version = oldest_cluster_version;
  accepted(started(2));
}

TEST_F(ClusterVersion, IsRaisedByEntriesThatOlderProgramsStopAt) {
  found(oldest_cluster_version);
  // An older program would take this for an entry of its own version.
  EXPECT_EQ(rejected(raised(cluster_version)), errc::invalid_argument);
  EXPECT_EQ(state.version(), oldest_cluster_version);
}

TEST_F(ClusterVersion, NeverGoesBack) {
  found(cluster_version);
  EXPECT_EQ(rejected(raised(cluster_version)), errc::conflict);
  version = oldest_cluster_version;
  EXPECT_EQ(rejected(raised(oldest_cluster_version)), errc::version_mismatch);
  EXPECT_EQ(state.version(), cluster_version);
}

} // namespace

} // namespace agora
