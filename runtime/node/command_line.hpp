// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/node/setting_values.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How every program of Agora takes its settings: as flags, as AGORA_*
// variables, and from a configuration file, in this order of precedence.

namespace agora {

/// What a command line has led to.
struct command_line_outcome {
  /// Set if the program has nothing more to do: 0 after --help and --version,
  /// `exit_usage` after a mistake.
  std::optional<int> exit_code;

  /// For standard output: the help text or the version.
  std::string output;

  /// For standard error: what was wrong, where, and what to do.
  std::string error;

  /// Names of the chosen subcommands, outermost first.
  std::vector<std::string> commands;
};

/// Exit code for a command line or a setting that cannot be understood.
inline constexpr int exit_usage = 2;

/// A program or one of its subcommands, with its settings.
///
/// Declared first, parsed once; parsing writes to the targets, which must live
/// until then. The setting `--offer-timeout` is also the variable
/// AGORA_OFFER_TIMEOUT and the line `offer-timeout = ...` of the file.
class command {
public:
  command(const command&) = delete;
  command& operator=(const command&) = delete;
  virtual ~command();

  /// A subcommand. At most one of each level is chosen.
  command& subcommand(const std::string& name, const std::string& help);

  /// What the program does if this command is chosen and none below it.
  /// Returns the exit code.
  void on_run(std::function<int()> action);

  /// A setting with a value. `flags` is "--name" or "-n,--name"; what `target`
  /// holds is the default that --help shows.
  template <class T>
  void option(const std::string& flags, T& target, const std::string& help) {
    auto codec = setting_codec<T>{};
    add({.flags = flags,
         .help = help,
         .value_name = std::string{codec.type_name},
         .default_text = codec.render(target),
         .store = [&target](const std::vector<std::string>& values) {
           return assign(target, values.back());
         }});
  }

  /// A setting that is on or off: `--name`, or `--name=false`.
  void flag(const std::string& flags, bool& target, const std::string& help);

  /// A setting that takes one of `choices`.
  void choice(const std::string& flags, std::string& target,
              std::vector<std::string> choices, const std::string& help);

  /// A flag that may be repeated. Only of the command line: a variable or a
  /// line of a file could not hold several values without an escape.
  void repeated(const std::string& flags, std::vector<std::string>& target,
                const std::string& value_name, const std::string& help);

  /// An argument without a flag, in order of declaration.
  template <class T>
  void argument(const std::string& name, T& target, const std::string& help,
                bool must = true) {
    add({.flags = name,
         .help = help,
         .value_name = {},
         .default_text = {},
         .required = must,
         .store = [&target](const std::vector<std::string>& values) {
           return assign(target, values.back());
         }});
  }

  /// Everything after `--`, untouched.
  void rest(const std::string& name, std::vector<std::string>& target,
            const std::string& help);

  /// Has the settings that are declared from here on come from flags only: for
  /// what is said anew each time.
  void flags_only();

  /// Adds `--config FILE`, whose settings count below flags and variables.
  void accept_config_file();

protected:
  friend class command_line;

  struct declaration {
    std::string flags;
    std::string help;
    std::string value_name;
    std::string default_text;
    bool is_switch = false;
    bool is_repeated = false;
    bool required = false;
    std::function<status(const std::vector<std::string>&)> store;
  };

  struct state;

  explicit command(std::unique_ptr<state> impl);

  template <class T>
  static status assign(T& target, const std::string& text) {
    auto value = setting_codec<T>::parse(text);
    if (!value)
      return value.error();
    target = std::move(*value);
    return {};
  }

  void add(declaration what);

  std::unique_ptr<state> state_;
};

/// A program's command line, with all its commands.
class command_line : public command {
public:
  /// @param help One sentence for the head of --help.
  command_line(const std::string& program, const std::string& help);

  ~command_line() override;

  /// Adds --version, which prints `text`, such as "agora 0.1.0".
  void version(const std::string& text);

  /// Reads `arguments` (without the program's name), then `environment`, then
  /// the configuration file. Nothing is printed and no action is run.
  command_line_outcome
  parse(const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment);

  /// Parses, prints what is to be printed, runs the chosen command's action.
  /// Returns the program's exit code.
  int run(int argc, char** argv);

  /// The variables that this program reads, ordered.
  std::vector<std::string> variables() const;

private:
  void apply_all(const std::vector<state*>& chosen,
                 const std::map<std::string, std::string>& environment);

  void apply_file(const std::vector<state*>& chosen, const std::string& path);

  std::function<int()> chosen_action_;
};

/// All AGORA_* variables of this process.
std::map<std::string, std::string> agora_environment();

/// The one of `candidates` that `word` was probably meant to be, or nothing.
std::optional<std::string>
nearest_word(std::string_view word, const std::vector<std::string>& candidates);

} // namespace agora
