// fmt's out-of-line functions: Debian has them in a shared library only.
#include <fmt/format-inl.h>

// What the library holds of its templates, for the one character type that we use.
namespace fmt {
inline namespace v9 {
namespace detail {

template void buffer<char>::append(const char*, const char*);
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
template locale_ref::locale_ref(const std::locale&);
template std::locale locale_ref::get<std::locale>() const;

}  // namespace detail
}  // namespace v9
}  // namespace fmt
