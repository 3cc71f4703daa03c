// SPDX-FileCopyrightText: The Agora authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/node/command_line.hpp"

#include "runtime/node/config_file.hpp"
#include "runtime/node/known_variables.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <numeric>
#include <set>

extern char** environ;

namespace agora {

namespace {

constexpr std::string_view variable_prefix = "AGORA_";

// "-f,--follow" -> "follow"; empty for an argument without a flag.
std::string long_name(const std::string& flags) {
  auto at = flags.find("--");
  return at == std::string::npos ? std::string{} : flags.substr(at + 2);
}

// "offer-timeout" -> "AGORA_OFFER_TIMEOUT".
std::string variable_of(const std::string& name) {
  std::string variable{variable_prefix};
  for (auto c : name)
    variable
      += c == '-'
           ? '_'
           : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::string did_you_mean(std::string_view word,
                         const std::vector<std::string>& candidates) {
  auto nearest = nearest_word(word, candidates);
  return nearest ? "; did you mean " + *nearest + "?" : std::string{};
}

// What could not be understood, and what may have been meant.
std::string text_of(const CLI::ParseError& err, const CLI::App& chosen,
                    bool lacks_marker) {
  if (lacks_marker)
    return std::string{err.what()} + "; put the command to run after --";
  if (dynamic_cast<const CLI::ExtrasError*>(&err) == nullptr)
    return err.what();
  std::vector<std::string> commands;
  for (const auto* child : chosen.get_subcommands({}))
    commands.push_back(child->get_name());
  auto extra = chosen.remaining(true);
  if (commands.empty() || extra.empty() || extra.front().starts_with('-'))
    return err.what();
  auto hint = did_you_mean(extra.front(), commands);
  return "there is no command \"" + extra.front() + "\""
         + (hint.empty() ? "; --help lists those that there are" : hint);
}

// `help serve` says the same as `serve --help`.
std::vector<std::string> without_help_word(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help")
    return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
  return arguments;
}

// Carries a mistake out of the steps of parse(), and no further.
struct usage_error {
  std::string text;
};

} // namespace

// -- declaration --------------------------------------------------------------

struct command::state {
  struct setting {
    /// "offer-timeout", or "ID" for an argument.
    std::string name;
    /// Empty if it is of the command line only.
    std::string variable;
    CLI::Option* handle = nullptr;
    std::function<status(const std::vector<std::string>&)> store;

    void assign(const std::vector<std::string>& values,
                const std::string& origin) const {
      if (auto err = store(values))
        throw usage_error{origin + ": " + text_of(err)};
    }
  };

  std::unique_ptr<CLI::App> owned;
  CLI::App* app = nullptr;
  std::vector<setting> settings;
  std::vector<std::unique_ptr<command>> children;
  std::function<int()> action;
  std::vector<std::string>* rest = nullptr;
  std::string rest_name;
  std::string config_path;
  bool takes_config = false;
  bool flags_only = false;

  void collect_variables(std::set<std::string>& into) const {
    for (const auto& entry : settings)
      if (!entry.variable.empty())
        into.insert(entry.variable);
    for (const auto& child : children)
      child->state_->collect_variables(into);
  }

  /// `text`, its help, with what follows -- in its first line, which CLI11
  /// knows nothing of.
  std::string complete_help(std::string text) const {
    if (auto usage = text.find("Usage: ");
        rest != nullptr && usage != std::string::npos)
      text.insert(text.find('\n', usage), " -- " + rest_name);
    return text;
  }

  /// This command and the chosen ones below it.
  void collect_chosen(std::vector<state*>& into) {
    into.push_back(this);
    for (auto& child : children)
      if (child->state_->app->parsed())
        child->state_->collect_chosen(into);
  }
};

command::command(std::unique_ptr<state> impl) : state_(std::move(impl)) {
  // nop
}

command::~command() = default;

command& command::subcommand(const std::string& name, const std::string& help) {
  auto impl = std::make_unique<state>();
  impl->app = state_->app->add_subcommand(name, help);
  // Flags of the program may also stand after the subcommand's name.
  impl->app->fallthrough();
  state_->app->require_subcommand(0, 1);
  state_->children.emplace_back(new command(std::move(impl)));
  return *state_->children.back();
}

void command::on_run(std::function<int()> action) {
  state_->action = std::move(action);
}

void command::add(declaration what) {
  auto name = long_name(what.flags);
  auto has_variable = !name.empty() && !what.is_repeated && !state_->flags_only;
  auto variable = has_variable ? variable_of(name) : std::string{};
  auto help = variable.empty() ? what.help : what.help + " [" + variable + "]";
  // CLI11 only collects; parse() stores, in order of precedence, so that a
  // wrong value is found even where a stronger one covers it.
  CLI::callback_t collect = [](const CLI::results_t&) {
    return true;
  };
  CLI::Option* handle = nullptr;
  if (what.is_switch) {
    handle = state_->app->add_flag(what.flags);
    handle->description(help);
  } else {
    handle = state_->app->add_option(what.flags, collect, help);
    auto shown = what.value_name;
    if (!what.default_text.empty())
      shown += " (" + what.default_text + ")";
    handle->option_text(shown.empty() ? " " : shown);
    handle->required(what.required);
    handle->expected(1);
    if (what.is_repeated)
      handle->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  state_->settings.push_back({name.empty() ? what.flags : name, variable,
                              handle, std::move(what.store)});
}

void command::flag(const std::string& flags, bool& target,
                   const std::string& help) {
  add({.flags = flags,
       .help = help,
       .value_name = {},
       .default_text = {},
       .is_switch = true,
       .store = [&target](const std::vector<std::string>& values) {
         return assign(target, values.back());
       }});
}

void command::choice(const std::string& flags, std::string& target,
                     std::vector<std::string> choices,
                     const std::string& help) {
  std::string names;
  for (const auto& choice : choices)
    names += (names.empty() ? "" : "|") + choice;
  auto store = [&target, choices,
                names](const std::vector<std::string>& values) -> status {
    const auto& value = values.back();
    if (std::find(choices.begin(), choices.end(), value) == choices.end())
      return fail(errc::invalid_config,
                  "\"" + value + "\" is not one of " + names);
    target = value;
    return {};
  };
  add({.flags = flags,
       .help = help,
       .value_name = names,
       .default_text = target,
       .store = std::move(store)});
}

void command::repeated(const std::string& flags,
                       std::vector<std::string>& target,
                       const std::string& value_name, const std::string& help) {
  add({.flags = flags,
       .help = help + " (may be repeated)",
       .value_name = value_name,
       .default_text = {},
       .is_repeated = true,
       .store = [&target](const std::vector<std::string>& values) -> status {
         target = values;
         return {};
       }});
}

void command::rest(const std::string& name, std::vector<std::string>& target,
                   const std::string& help) {
  state_->rest = &target;
  state_->rest_name = name;
  state_->app->footer("After the options, -- and then " + name + ": " + help);
}

void command::flags_only() {
  state_->flags_only = true;
}

void command::accept_config_file() {
  state_->takes_config = true;
  option("--config", state_->config_path,
         "file with lines of the form: name = value");
}

// -- parsing ------------------------------------------------------------------

command_line::command_line(const std::string& program, const std::string& help)
  : command(std::make_unique<state>()) {
  state_->owned = std::make_unique<CLI::App>(help, program);
  state_->app = state_->owned.get();
  state_->app->get_formatter()->column_width(38);
  state_->app->set_help_flag("-h,--help", "what you read here");
}

command_line::~command_line() = default;

void command_line::version(const std::string& text) {
  state_->app->set_version_flag("--version", text, "the program's version");
}

std::vector<std::string> command_line::variables() const {
  std::set<std::string> all;
  state_->collect_variables(all);
  return {all.begin(), all.end()};
}

namespace {

void refuse_unknown_variables(
  const std::map<std::string, std::string>& environment,
  const std::vector<std::string>& own) {
  auto known = own;
  known.insert(known.end(), known_variables.begin(), known_variables.end());
  for (const auto& [name, value] : environment)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw usage_error{"the environment variable " + name
                        + " is no setting of Agora"
                        + did_you_mean(name, known)};
}

} // namespace

void command_line::apply_all(
  const std::vector<state*>& chosen,
  const std::map<std::string, std::string>& environment) {
  auto apply_variable = [&](const state::setting& entry) {
    auto at = environment.find(entry.variable);
    if (!entry.variable.empty() && at != environment.end())
      entry.assign({at->second}, entry.variable);
  };
  auto apply_flag = [](const state::setting& entry) {
    if (entry.handle->count() > 0)
      entry.assign(entry.handle->results(), entry.handle->get_positional()
                                              ? entry.name
                                              : "--" + entry.name);
  };
  // Where the file is must be known before what is in it.
  for (auto* level : chosen) {
    if (!level->takes_config)
      continue;
    for (const auto& entry : level->settings) {
      if (entry.name == "config") {
        apply_variable(entry);
        apply_flag(entry);
      }
    }
    if (!level->config_path.empty())
      apply_file(chosen, level->config_path);
  }
  for (auto* level : chosen) {
    std::for_each(level->settings.begin(), level->settings.end(),
                  apply_variable);
    std::for_each(level->settings.begin(), level->settings.end(), apply_flag);
  }
}

void command_line::apply_file(const std::vector<state*>& chosen,
                              const std::string& path) {
  std::map<std::string, const state::setting*> known;
  for (const auto* level : chosen)
    for (const auto& entry : level->settings)
      if (!entry.variable.empty() && entry.name != "config")
        known.emplace(entry.name, &entry);
  auto lines = read_config_file(path);
  if (!lines)
    throw usage_error{text_of(lines.error())};
  std::map<std::string, size_t> seen;
  for (const auto& line : *lines) {
    auto origin = path + ":" + std::to_string(line.line);
    auto at = known.find(line.name);
    if (at == known.end()) {
      std::vector<std::string> names;
      for (const auto& [name, entry] : known)
        names.push_back(name);
      throw usage_error{origin + ": " + line.name + " is no setting here"
                        + did_you_mean(line.name, names)};
    }
    auto [first, fresh] = seen.emplace(line.name, line.line);
    if (!fresh)
      throw usage_error{origin + ": " + line.name + " stands in line "
                        + std::to_string(first->second) + " already"};
    at->second->assign({line.value}, origin + ": " + line.name);
  }
}

command_line_outcome
command_line::parse(const std::vector<std::string>& words,
                    const std::map<std::string, std::string>& environment) {
  command_line_outcome outcome;
  auto& app = *state_->app;
  auto arguments = without_help_word(words);
  auto marker = std::find(arguments.begin(), arguments.end(), "--");
  // CLI11 takes them in reverse order.
  std::vector<std::string> head{std::make_reverse_iterator(marker),
                                arguments.rend()};
  std::vector<state*> chosen;
  try {
    try {
      app.parse(head);
    } catch (const CLI::CallForHelp&) {
      state_->collect_chosen(chosen);
      outcome.exit_code = 0;
      outcome.output = chosen.back()->complete_help(app.help());
      return outcome;
    } catch (const CLI::CallForVersion& version) {
      outcome.exit_code = 0;
      outcome.output = version.what() + std::string{"\n"};
      return outcome;
    } catch (const CLI::ParseError& err) {
      state_->collect_chosen(chosen);
      auto lacks_marker
        = chosen.back()->rest != nullptr && marker == arguments.end();
      throw usage_error{text_of(err, *chosen.back()->app, lacks_marker)};
    }
    state_->collect_chosen(chosen);
    if (marker != arguments.end()) {
      if (chosen.back()->rest == nullptr)
        throw usage_error{"nothing is expected after --"};
      chosen.back()->rest->assign(marker + 1, arguments.end());
    }
    refuse_unknown_variables(environment, variables());
    apply_all(chosen, environment);
  } catch (const usage_error& err) {
    outcome.exit_code = exit_usage;
    outcome.error = app.get_name() + ": " + err.text + "\n";
    return outcome;
  }
  for (size_t i = 1; i < chosen.size(); ++i)
    outcome.commands.push_back(chosen[i]->app->get_name());
  chosen_action_ = chosen.back()->action;
  if (!chosen_action_) {
    outcome.exit_code = exit_usage;
    outcome.error = app.help();
  }
  return outcome;
}

int command_line::run(int argc, char** argv) {
  std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
  auto outcome = parse(arguments, agora_environment());
  std::fputs(outcome.output.c_str(), stdout);
  std::fputs(outcome.error.c_str(), stderr);
  if (outcome.exit_code)
    return *outcome.exit_code;
  return chosen_action_();
}

std::map<std::string, std::string> agora_environment() {
  std::map<std::string, std::string> found;
  for (auto entry = environ; *entry != nullptr; ++entry) {
    std::string_view text{*entry};
    auto equals = text.find('=');
    if (text.starts_with(variable_prefix) && equals != std::string_view::npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

std::optional<std::string>
nearest_word(std::string_view word,
             const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  // More than a third of the word wrong is another word.
  auto best_distance = std::max<size_t>(word.size() / 3, 1) + 1;
  for (const auto& candidate : candidates) {
    // Levenshtein's distance, one row at a time.
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 0; i < word.size(); ++i) {
      auto diagonal = row[0];
      row[0] = i + 1;
      for (size_t j = 0; j < candidate.size(); ++j) {
        auto replaced = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

} // namespace agora
