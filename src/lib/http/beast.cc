// The one unit that compiles Asio and Beast; the others of this folder see their declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
