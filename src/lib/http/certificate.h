// Certificates as files: one of our own making, and what is told of one.
#pragma once

#include <string>
#include <vector>

namespace http {

/// PEM files. The key's is its owner's alone (mode 0600).
struct CertificateFiles {
  std::string certificate, key;
};

/// Makes a P-256 key and a certificate for `names` (host names and addresses), signed by itself and good for
/// 397 days, unless what stands there is good for all of them and for 30 days more. True when it was made.
/// Throws std::system_error when it can't be written.
bool make_certificate(const CertificateFiles& files, const std::vector<std::string>& names);

/// Whether the first certificate of a file is for this host name or address.
bool is_certificate_for(const std::string& certificate, const std::string& name);

/// The first host name the first certificate of a file is for, no wildcard; "" when there is none.
std::string certificate_name(const std::string& certificate);

/// Whether a chain ends with a certificate that vouches for itself: then who trusts the file can verify it
/// without any other.
bool vouches_for_itself(const std::string& certificate);

/// From here on the clients of this process trust these certificates, beside the system's. A file that
/// can't be read is trusted by nobody.
void trust(const std::string& certificates);

}  // namespace http
