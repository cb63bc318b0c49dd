// The report's style sheet.
#include "pipelines/evaluate/page/style.h"

namespace pipelines::page {

std::string_view style_sheet() {
  return R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f7f5f1; --ink: #1c1a17; --quiet: #5f5a52; --line: #ddd7cc;
  --amber: #b45309; --amber-light: #e9b872; --deep: #1d4e5f; --good: #15682b; --bad: #b3261e;
  --good-card: #e9f5ec; --bad-card: #fcebea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14130f; --card: #1f1d18; --ink: #efebe3; --quiet: #b0a99c; --line: #3a362e;
    --amber: #f0a63c; --amber-light: #80571a; --deep: #8cc7da; --good: #7bd88f; --bad: #ff9d95;
    --good-card: #17271b; --bad-card: #331a18;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 66rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
}
h1 { margin: 0 0 1rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .25rem; font-size: 1.25rem; }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
section { margin-top: 2.25rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.eyebrow { margin: 0; color: var(--quiet); font-size: .85rem; letter-spacing: .06em;
  text-transform: uppercase; }
.lead { margin: 0 0 1rem; max-width: 46rem; color: var(--quiet); }
.verdict { padding: 1rem 1.25rem; border-left: 6px solid; border-radius: 6px; }
.verdict strong { display: block; font-size: 1.15rem; }
.verdict p { margin: .25rem 0 0; }
.passed { border-color: var(--good); background: var(--good-card); }
.passed strong { color: var(--good); }
.refused { border-color: var(--bad); background: var(--bad-card); }
.refused strong { color: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 1rem 0 0; }
.facts div { padding: .75rem 1rem; border-radius: 6px; background: var(--card); }
.facts dt { color: var(--quiet); font-size: .85rem; }
.facts dd { margin: 0; }
.facts dd.big { font-size: 1.6rem; font-weight: 650; line-height: 1.25; }
.facts dd.small { color: var(--quiet); font-size: .82rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 1rem 2rem; align-items: start; }
.pair > * { min-width: 0; }
figure { margin: 0; }
figcaption { color: var(--quiet); font-size: .82rem; text-align: center; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 12px; font-family: inherit; }
svg .label, svg .value { text-anchor: end; }
svg .tick { text-anchor: middle; fill: var(--quiet); font-size: 11px; }
svg .axis { fill: var(--quiet); font-size: 11px; }
svg .strong { font-weight: 650; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .zero { stroke: var(--quiet); stroke-width: 1; }
svg .mark { stroke: var(--deep); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg .whisker { stroke: var(--ink); stroke-width: 1.4; }
svg .range { stroke: var(--amber-light); stroke-width: 1.2; }
svg rect.bar { fill: var(--amber-light); }
svg rect.bar.strong { fill: var(--amber); }
svg .disc { fill: var(--amber); stroke: var(--paper); stroke-width: .7; }
svg .ring { fill: var(--paper); stroke: var(--deep); stroke-width: 2; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .88rem; }
caption { padding-bottom: .35rem; color: var(--quiet); font-size: .82rem; text-align: left; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { color: var(--quiet); font-size: .8rem; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody td.n { white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.chip { padding: 0 .4rem; border: 1px solid; border-radius: 999px; font-size: .78rem;
  white-space: nowrap; color: var(--quiet); }
.chip.out { color: var(--bad); }
footer { margin-top: 2.25rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--quiet); font-size: .82rem; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
footer dd { margin: 0; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #f7f5f1; --ink: #000000; --quiet: #4a4a4a; --line: #cccccc;
    --amber: #b45309; --amber-light: #e9b872; --deep: #1d4e5f; --good: #15682b; --bad: #b3261e;
    --good-card: #ffffff; --bad-card: #ffffff;
  }
  @page { margin: 15mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  .lead { break-after: avoid; }
  figure, tr, .facts div, .verdict { break-inside: avoid; }
  .pair { grid-template-columns: 1fr 1fr; gap: .5rem 1.25rem; }
  .scroll { overflow: visible; }
  .facts { grid-template-columns: repeat(5, 1fr); }
  .facts div { padding: .5rem .6rem; }
  .facts dd.big { font-size: 1.25rem; }
  table { font-size: 8.5pt; }
  th, td { padding: .18rem .3rem; }
  .pair tbody td.n { white-space: normal; }
  section { margin-top: 1.25rem; padding-top: .9rem; }
}
)css";
}

}  // namespace pipelines::page
