// Charts as inline SVG. Colours come from the page's style sheet, so they follow light and dark;
// nothing is told by colour alone.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pipelines::page {

/// What a screen reader says of a chart: its name, and what it shows, in a sentence.
struct Caption {
  std::string title;
  std::string shows;
};

/// A point of a scatter chart, in IBU.
struct Dot {
  double x = 0, y = 0;
  std::optional<std::pair<double, double>> range;  ///< a thin vertical line
  bool outside = false;                            ///< drawn as a ring instead of a disc
  std::string tip;                                 ///< shown over it; not yet escaped
};
struct Scatter {
  Caption caption;
  std::string x_axis, y_axis;
  double y_from = 0, y_to = 100;  ///< x goes from 0 to 100
  bool diagonal = true;           ///< y = x; else y = 0
  std::vector<Dot> dots;
};
std::string draw(const Scatter& scatter);

/// A line of a row chart: a bar from zero, or a dot, with the range it may lie in.
struct Row {
  std::string label;  ///< not yet escaped
  double value = 0;
  std::optional<std::pair<double, double>> range;
  std::string text;     ///< at the end of the line
  bool strong = false;  ///< the one that the others are compared with
};
struct Rows {
  Caption caption;
  std::string axis;
  std::vector<Row> rows;
  bool bars = true;
  bool percent = false;
  std::optional<std::pair<double, double>> scale;  ///< else as wide as the values
  std::optional<double> mark;                      ///< a dashed line
  std::string mark_label;
};
/// "" when there is no row.
std::string draw(const Rows& rows);

}  // namespace pipelines::page
