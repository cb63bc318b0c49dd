// The evaluation as a page for people: report.html.
#pragma once

#include <boost/json/fwd.hpp>

#include <string>

namespace pipelines {

/// The page of an evaluation.json (evaluate.h), whole: style and drawings stand in it, no script,
/// nothing is fetched. Well-formed XML. Every number stands in a <data> element whose value is that
/// of evaluation.json, rounded only for the eye. The same evaluation gives the same bytes. Throws
/// std::exception when it isn't an evaluation.
std::string evaluation_page(const boost::json::value& evaluation);

}  // namespace pipelines
