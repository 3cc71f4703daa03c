// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0

// How jemalloc treats the programs that are linked with it. It keeps pages that
// were freed for ten seconds by default, and has four arenas a core: a master
// that has just worked off a burst then held twice as much as it used. With
// these it gives them back after one second, from a thread of its own.
// The environment variable MALLOC_CONF goes before this.

extern "C" {

/// Read by jemalloc before main begins; the name is its own.
extern const char* const malloc_conf;
const char* const malloc_conf
  = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:4";

} // extern "C"
