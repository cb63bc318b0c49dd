// Lines typed at a terminal, by libedit.
#include "cli/prompt/line_editor.h"

#include <fmt/format.h>
#include <histedit.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace cli {

struct LineEditor::Impl {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string file, prompt, last;
  Completion* completion = nullptr;
  bool cancelled = false;
};

namespace {

constexpr int kHistorySize = 1'000;
constexpr std::size_t kMostShown = 100;

LineEditor::Impl& impl_of(EditLine* editor) {
  void* data = nullptr;
  el_get(editor, EL_CLIENTDATA, &data);
  return *static_cast<LineEditor::Impl*>(data);
}

char* prompt_of(EditLine* editor) { return impl_of(editor).prompt.data(); }

void show(const std::vector<std::string>& words) {
  std::size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size() + 2);
  const std::size_t columns = std::max<std::size_t>(1, 80 / width);
  fmt::print("\n");
  for (std::size_t i = 0; i < std::min(words.size(), kMostShown); ++i) {
    const bool last = (i + 1) % columns == 0 || i + 1 == words.size();
    fmt::print("{:<{}}{}", words[i], last ? 0 : width, last ? "\n" : "");
  }
  if (words.size() > kMostShown) fmt::print("\n… and {} more\n", words.size() - kMostShown);
  std::fflush(stdout);
}

unsigned char complete(EditLine* editor, int) {
  LineEditor::Impl& impl = impl_of(editor);
  if (!impl.completion) return CC_ERROR;
  const LineInfo* const info = el_line(editor);
  const std::string line(info->buffer, info->cursor);
  const auto words = impl.completion->candidates(line);
  if (words.empty()) return CC_ERROR;
  const std::size_t typed = line.size() - Completion::word_start(line);
  const std::string longer = words.size() == 1 ? words[0] + " " : common_prefix(words);
  if (longer.size() > typed) {
    // The word is taken out first: what is typed may have another case.
    el_deletestr(editor, static_cast<int>(typed));
    return el_insertstr(editor, longer.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  }
  show(words);
  return CC_REDISPLAY;
}

unsigned char cancel(EditLine* editor, int) {
  impl_of(editor).cancelled = true;
  return CC_NEWLINE;
}

}  // namespace

LineEditor::LineEditor(std::string history_file, Completion* completion)
    : impl_(std::make_unique<Impl>()) {
  impl_->file = std::move(history_file);
  impl_->completion = completion;
  impl_->history = history_init();
  HistEvent event;
  history(impl_->history, &event, H_SETSIZE, kHistorySize);
  history(impl_->history, &event, H_SETUNIQUE, 1);
  if (!impl_->file.empty()) history(impl_->history, &event, H_LOAD, impl_->file.c_str());
  EditLine* const editor = impl_->editor = el_init("beer", stdin, stdout, stderr);
  el_set(editor, EL_CLIENTDATA, impl_.get());
  el_set(editor, EL_PROMPT, &prompt_of);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, ::history, impl_->history);
  el_set(editor, EL_ADDFN, "beer-complete", "Completes tables and columns", &complete);
  el_set(editor, EL_BIND, "^I", "beer-complete", nullptr);
  el_set(editor, EL_ADDFN, "beer-cancel", "Leaves the statement", &cancel);
  el_set(editor, EL_BIND, "^C", "beer-cancel", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  // While a line is edited, Ctrl-C is a key like any other.
  el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
  el_source(editor, nullptr);  // the user's own keys, ~/.editrc
}

LineEditor::~LineEditor() {
  el_end(impl_->editor);
  history_end(impl_->history);
}

LineEditor::Line LineEditor::read(const std::string& prompt) {
  impl_->prompt = prompt;
  impl_->cancelled = false;
  int count = 0;
  const char* const text = el_gets(impl_->editor, &count);
  if (impl_->cancelled) {
    fmt::print("\n");
    std::fflush(stdout);
    return {"", End::kCancelled};
  }
  if (text == nullptr || count <= 0) return {"", End::kInput};
  Line line{std::string(text, static_cast<std::size_t>(count))};
  while (line.text.ends_with('\n') || line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

void LineEditor::remember(const std::string& statement) {
  if (statement == impl_->last) return;
  impl_->last = statement;
  HistEvent event;
  history(impl_->history, &event, H_ENTER, statement.c_str());
  if (!impl_->file.empty()) history(impl_->history, &event, H_SAVE, impl_->file.c_str());
}

std::string history_file() {
  if (const char* file = std::getenv("BEER_HISTORY")) return file;
  const char* const home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? "" : std::string(home) + "/.beer_history";
}

}  // namespace cli
