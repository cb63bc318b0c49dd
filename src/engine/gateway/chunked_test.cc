// The aws-chunked encoding: signed pieces, trailers, and what is wrong with either.
#include "engine/gateway/chunked.h"

#include "engine/gateway/test_gateway.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine {
namespace {

using Pieces = std::vector<std::string>;

class Chunked : public GatewayTest {
 protected:
  /// A PutObject of these pieces, each with its signature; with a signed trailer if one is given.
  http::Request chunked(const Pieces& pieces, const std::string& trailer = {}) {
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece.size();
    http::Request request{.method = "PUT", .target = "/lake/key"};
    request.headers.set("Content-Encoding", "aws-chunked");
    request.headers.set("X-Amz-Decoded-Content-Length", std::to_string(size));
    request.headers.set(
        "X-Amz-Content-Sha256",
        std::string(trailer.empty() ? aws::kStreamingPayload : aws::kStreamingPayloadTrailer));
    if (!trailer.empty())
      request.headers.set("X-Amz-Trailer", trailer.substr(0, trailer.find(':')));
    request = sign(std::move(request), "s3");
    const auto claim = aws::read_claim(request);
    const std::string key = aws::signing_key(kKeys.secret_access_key, claim.scope);
    std::string body, previous = claim.signature;
    const auto add = [&](const std::string& piece) {
      previous = aws::chunk_signature(key, claim, previous, piece);
      body += fmt::format("{:x};chunk-signature={}\r\n{}", piece.size(), previous, piece);
      if (!piece.empty()) body += "\r\n";
    };
    for (const auto& piece : pieces) add(piece);
    add("");
    if (!trailer.empty()) {
      body += trailer + "\r\nx-amz-trailer-signature:" +
              aws::trailer_signature(key, claim, previous, trailer + "\n") + "\r\n";
    }
    request.body = body + "\r\n";
    return request;
  }

  http::Request unsigned_trailer(const std::string& body, std::size_t size) {
    http::Request request{.method = "PUT", .target = "/lake/key"};
    request.headers.set("Content-Encoding", "aws-chunked");
    request.headers.set("X-Amz-Decoded-Content-Length", std::to_string(size));
    request.headers.set("X-Amz-Content-Sha256", std::string(aws::kStreamingUnsignedTrailer));
    request.headers.set("X-Amz-Trailer", "x-amz-checksum-crc32");
    request = sign(std::move(request), "s3");
    request.body = body;
    return request;
  }

  /// The request with the first occurrence of a text replaced in its body.
  static http::Request tampered(http::Request request, const std::string& from,
                                const std::string& to) {
    std::string body = request.body.string();
    body.replace(body.find(from), from.size(), to);
    request.body = body;
    return request;
  }
};

TEST_F(Chunked, PutsSignedPiecesTogether) {
  EXPECT_EQ(outcome(chunked({std::string(70'000, 'a'), "beer"})), "200 ");
  EXPECT_EQ(seen.body, std::string(70'000, 'a') + "beer");
  EXPECT_EQ(outcome(chunked({})), "200 ");
  EXPECT_EQ(seen.body, "");
}

TEST_F(Chunked, RefusesATamperedPiece) {
  const auto request = chunked({"malt", "hops"});
  EXPECT_EQ(outcome(request), "200 ");
  EXPECT_EQ(outcome(tampered(request, "hops", "corn")), "403 SignatureDoesNotMatch");
  EXPECT_EQ(outcome(tampered(request, "chunk-signature=", "chunk-signature=0")),
            "403 SignatureDoesNotMatch");
  EXPECT_EQ(outcome(tampered(request, ";chunk-signature=", ";other=")),
            "403 SignatureDoesNotMatch");
  EXPECT_EQ(seen.calls, 1);
}

TEST_F(Chunked, RefusesPiecesInAnotherOrder) {
  const auto request = chunked({"malt", "hops"});
  const std::string body = request.body.string();
  const std::size_t length = body.find("malt") + 6;  // of one piece with its head
  http::Request turned = request;
  turned.body = body.substr(length, length) + body.substr(0, length) + body.substr(2 * length);
  EXPECT_EQ(outcome(turned), "403 SignatureDoesNotMatch");
}

TEST_F(Chunked, RefusesABodyThatEndsTooSoon) {
  auto request = chunked({"malt", "hops"});
  const std::string body = request.body.string();
  for (const std::size_t end :
       {std::size_t{0}, std::size_t{10}, body.find("hops") + 2, body.find("hops") + 6}) {
    request.body = body.substr(0, end);
    EXPECT_EQ(outcome(request), "400 IncompleteBody") << end;
  }
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Chunked, RefusesALengthThatIsNotTheBodys) {
  EXPECT_EQ(outcome(unsigned_trailer("4\r\nbeer\r\n0\r\n\r\n", 5)), "400 IncompleteBody");
}

TEST_F(Chunked, TakesASignedTrailer) {
  const auto request = chunked({"beer"}, "x-amz-checksum-crc32:AAAAAA==");
  EXPECT_EQ(outcome(request), "200 ");
  EXPECT_EQ(seen.body, "beer");
  EXPECT_EQ(seen.checksum, "AAAAAA==");
  EXPECT_EQ(outcome(tampered(request, "AAAAAA==", "BBBBBB==")), "403 SignatureDoesNotMatch");
}

TEST_F(Chunked, DoesNotTakeATrailerWithoutTheSignatureThatWasPromised) {
  const auto request = chunked({"beer"}, "x-amz-checksum-crc32:AAAAAA==");
  EXPECT_EQ(outcome(tampered(request, "x-amz-trailer-signature:", "x-amz-other:")),
            "403 SignatureDoesNotMatch");
}

TEST_F(Chunked, TakesAnUnsignedTrailer) {
  EXPECT_EQ(outcome(unsigned_trailer(
                "4\r\nmalt\r\n4\r\nhops\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 8)),
            "200 ");
  EXPECT_EQ(seen.body, "malthops");
  EXPECT_EQ(seen.checksum, "AAAAAA==");
}

TEST_F(Chunked, RefusesABodyWithoutTheTrailerThatWasAnnounced) {
  const auto request = chunked({"beer"}, "x-amz-checksum-crc32:AAAAAA==");
  std::string body = request.body.string();
  http::Request cut = request;
  cut.body = body.substr(0, body.find("x-amz-checksum-crc32")) + "\r\n";
  EXPECT_EQ(outcome(cut), "400 MalformedTrailerError");
  EXPECT_EQ(outcome(unsigned_trailer("4\r\nbeer\r\n0\r\n\r\n", 4)), "400 MalformedTrailerError");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Chunked, TakesOnlyChecksumsFromATrailer) {
  const std::string body =
      "4\r\nbeer\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-copy-source:/cellar/secret\r\n\r\n";
  EXPECT_EQ(outcome(unsigned_trailer(body, 4)), "200 ");
  EXPECT_EQ(seen.body, "beer");  // still a PutObject
}

TEST_F(Chunked, RefusesSizesThatAreNone) {
  EXPECT_EQ(outcome(unsigned_trailer("zz\r\nbeer\r\n0\r\n\r\n", 4)), "400 InvalidChunkSizeError");
  EXPECT_EQ(outcome(unsigned_trailer("\r\n", 4)), "400 InvalidChunkSizeError");
  EXPECT_EQ(outcome(unsigned_trailer("ffffffffffffffffff\r\n", 4)), "400 InvalidChunkSizeError");
  EXPECT_EQ(outcome(unsigned_trailer("3\r\nbeer\r\n0\r\n\r\n", 4)), "400 IncompleteBody");
}

TEST_F(Chunked, KeepsALargeBodyInAFile) {
  const std::string piece(5 << 20, 'b');
  std::string body;
  for (int i = 0; i < 3; ++i) body += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  const auto decoded =
      decode_chunked(body + "0\r\n\r\n", std::nullopt, 3 * piece.size(), folder.path());
  EXPECT_FALSE(decoded.body.in_memory());
  EXPECT_EQ(decoded.body.size(), 3 * piece.size());
  EXPECT_EQ(base::sha256(decoded.body.string()), base::sha256(piece + piece + piece));
}

}  // namespace
}  // namespace engine
