// Charts, drawn in units of a page 480 wide.
#include "pipelines/evaluate/page/charts.h"

#include "pipelines/evaluate/page/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pipelines::page {
namespace {

constexpr double kWidth = 480;
constexpr double kTextAbove = 4;  ///< from a line of text's middle to its base

/// Values on an axis, and where they are drawn.
struct Scale {
  double from, to;
  double begin, end;
  double at(double value) const {
    return begin + (std::clamp(value, from, to) - from) / (to - from) * (end - begin);
  }
};

/// Some round values within a scale, at most seven.
std::vector<double> ticks(const Scale& scale) {
  const double span = scale.to - scale.from;
  double step = std::pow(10, std::floor(std::log10(span)));
  for (const double finer : {5.0, 2.0}) {
    if (span / step < 3) step /= finer == 5.0 ? 2 : 2.5;
  }
  while (span / step > 7) step *= 2;
  std::vector<double> result;
  for (double i = std::ceil(scale.from / step - 1e-9); i * step <= scale.to + 1e-9; ++i) {
    result.push_back(i * step);
  }
  return result;
}

/// As few digits as say it.
std::string tick_text(double value, bool percent) {
  const double shown = percent ? 100 * value : value;
  const bool whole = std::abs(shown - std::round(shown)) < 1e-6;
  return plain(value, {.digits = whole ? 0 : 1, .percent = percent});
}

class Drawing {
 public:
  explicit Drawing(double height) : height_(height) {}

  void line(const char* style, double x1, double y1, double x2, double y2) {
    body_ += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", style, x1,
        y1, x2, y2);
  }
  void text(const char* style, double x, double y, std::string_view words) {
    body_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", style, x, y,
                         escape(words));
  }
  void bar(const char* style, double x1, double x2, double y, double height) {
    body_ += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "rx=\"2\"/>\n",
        style, std::min(x1, x2), y, std::max(0.8, std::abs(x2 - x1)), height);
  }
  void dot(const char* style, double x, double y, double radius, std::string_view tip = {}) {
    body_ += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\">", style, x, y,
                         radius);
    if (!tip.empty()) body_ += "<title>" + escape(tip) + "</title>";
    body_ += "</circle>\n";
  }
  std::string finish(const Caption& caption) const {
    return fmt::format(
        "<figure><svg viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-label=\"{}. {}\">\n{}</svg>"
        "<figcaption>{}</figcaption></figure>\n",
        kWidth, height_, escape(caption.title), escape(caption.shows), body_,
        escape(caption.title));
  }

 private:
  double height_;
  std::string body_;
};

// Row charts ------------------------------------------------------------------------------------

constexpr double kRow = 24, kLabels = 148, kTexts = 64;

Scale scale_of(const Rows& chart) {
  double from = chart.bars ? 0 : chart.rows.front().value, to = from;
  const auto include = [&](double value) {
    from = std::min(from, value);
    to = std::max(to, value);
  };
  for (const Row& row : chart.rows) {
    include(row.value);
    if (row.range) {
      include(row.range->first);
      include(row.range->second);
    }
  }
  if (chart.mark) include(*chart.mark);
  if (chart.scale) std::tie(from, to) = *chart.scale;
  if (to - from < 1e-9) to = from + 1;
  if (!chart.scale) {
    // The longest bar doesn't touch the edge.
    const double air = (to - from) * 0.04;
    if (from < 0 || !chart.bars) from -= air;
    if (to > 0 || !chart.bars) to += air;
  }
  return {from, to, kLabels, kWidth - kTexts};
}

void draw_row(Drawing& drawing, const Row& row, const Scale& x, double middle, bool bars) {
  drawing.text(row.strong ? "label strong" : "label", kLabels - 10, middle + kTextAbove, row.label);
  const char* const style = row.strong ? "bar strong" : "bar";
  if (bars) drawing.bar(style, x.at(0), x.at(row.value), middle - 7, 14);
  if (row.range) {
    const double low = x.at(row.range->first), high = x.at(row.range->second);
    drawing.line("whisker", low, middle, high, middle);
    drawing.line("whisker", low, middle - 4, low, middle + 4);
    drawing.line("whisker", high, middle - 4, high, middle + 4);
  }
  if (!bars) drawing.dot("disc", x.at(row.value), middle, 4.5);
  drawing.text("value", kWidth, middle + kTextAbove, row.text);
}

// Scatter charts --------------------------------------------------------------------------------

constexpr double kLeft = 44, kBottom = 40, kTop = 10;

void draw_axes(Drawing& drawing, const Scatter& chart, const Scale& x, const Scale& y) {
  for (const double tick : ticks(y)) {
    drawing.line("grid", x.begin, y.at(tick), x.end, y.at(tick));
    drawing.text("label", x.begin - 6, y.at(tick) + kTextAbove, tick_text(tick, false));
  }
  for (const double tick : ticks(x)) {
    drawing.line("grid", x.at(tick), y.begin, x.at(tick), y.end);
    drawing.text("tick", x.at(tick), y.begin + 15, tick_text(tick, false));
  }
  drawing.text("tick", (x.begin + x.end) / 2, y.begin + 33, chart.x_axis);
  drawing.text("axis", x.begin + 5, y.end + 12, chart.y_axis);
}

}  // namespace

std::string draw(const Rows& chart) {
  if (chart.rows.empty()) return {};
  const Scale x = scale_of(chart);
  const double top = chart.mark ? 18 : 4;
  const double bottom = top + kRow * static_cast<double>(chart.rows.size());
  Drawing drawing(bottom + 38);
  for (const double tick : ticks(x)) {
    drawing.line("grid", x.at(tick), top, x.at(tick), bottom);
    drawing.text("tick", x.at(tick), bottom + 14, tick_text(tick, chart.percent));
  }
  drawing.text("tick", (x.begin + x.end) / 2, bottom + 31, chart.axis);
  if (chart.bars) drawing.line("zero", x.at(0), top, x.at(0), bottom);
  double middle = top + kRow / 2;
  for (const Row& row : chart.rows) {
    draw_row(drawing, row, x, middle, chart.bars);
    middle += kRow;
  }
  if (chart.mark) {
    drawing.line("mark", x.at(*chart.mark), top, x.at(*chart.mark), bottom);
    drawing.text("tick", x.at(*chart.mark), top - 6, chart.mark_label);
  }
  return drawing.finish(chart.caption);
}

std::string draw(const Scatter& chart) {
  constexpr double kHeight = 360;
  const Scale x{0, 100, kLeft, kWidth - 14};
  const Scale y{chart.y_from, chart.y_to, kHeight - kBottom, kTop};
  Drawing drawing(kHeight);
  draw_axes(drawing, chart, x, y);
  if (chart.diagonal) {
    drawing.line("mark", x.at(0), y.at(0), x.at(100), y.at(100));
  } else {
    drawing.line("zero", x.begin, y.at(0), x.end, y.at(0));
  }
  for (const Dot& dot : chart.dots) {
    if (!dot.range) continue;
    drawing.line("range", x.at(dot.x), y.at(dot.range->first), x.at(dot.x),
                 y.at(dot.range->second));
  }
  for (const Dot& dot : chart.dots) {
    drawing.dot(dot.outside ? "ring" : "disc", x.at(dot.x), y.at(dot.y), dot.outside ? 4.2 : 3.4,
                dot.tip);
  }
  return drawing.finish(chart.caption);
}

}  // namespace pipelines::page
