// Pieces of HTML.
#include "pipelines/evaluate/page/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pipelines::page {

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
          result += c;
        else
          result += ' ';
    }
  }
  return result;
}

std::string plain(double value, Form form) {
  const double shown = form.percent ? 100 * value : value;
  std::string text = fmt::format("{:.{}f}", std::abs(shown), form.digits);
  const bool zero = text.find_first_not_of("0.") == text.npos;
  if (!zero && shown < 0) text = "\u2212" + text;
  if (!zero && shown > 0 && form.sign) text = "+" + text;
  return form.percent ? text + "\u00a0%" : text;
}

std::string number(double value, Form form) {
  return fmt::format("<data value=\"{}\">{}</data>", value, plain(value, form));
}

std::string percent(double share, int digits) {
  return number(share, {.digits = digits, .percent = true});
}

std::string to_html(const HtmlTable& table) {
  const auto is_text = [&](std::size_t column) {
    return column == 0 ||
           std::find(table.texts.begin(), table.texts.end(), column) != table.texts.end();
  };
  std::string html = fmt::format("<div class=\"scroll\"><table><caption>{}</caption><thead><tr>",
                                 escape(table.caption));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", is_text(i) ? "" : " class=\"n\"",
                        escape(table.columns[i]));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", row.at(0));
    for (std::size_t i = 1; i < row.size(); ++i) {
      html += fmt::format("<td{}>{}</td>", is_text(i) ? "" : " class=\"n\"", row[i]);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    const std::string& contents) {
  return fmt::format(
      "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n<p class=\"lead\">{2}</p>\n"
      "{3}</section>\n",
      id, heading, lead, contents);
}

}  // namespace pipelines::page
