// Writing the small XML documents S3 takes, and comparing them with what it answers.
#include "cli/calls/xml.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(Xml, AgreesInAnyOrderAndWhenMoreIsSaid) {
  const std::string wanted =
      "<C><Rule><ID>a</ID><Days>7</Days></Rule><Rule><ID>b</ID><Days>30</Days></Rule></C>";
  EXPECT_TRUE(xml_agrees(wanted, wanted));
  EXPECT_TRUE(xml_agrees(R"(<?xml version="1.0"?><C xmlns="http://x/"><More/>
      <Rule> <Days> 30 </Days><ID>b</ID></Rule><Rule><ID>a</ID><Days>7</Days><K>1</K></Rule></C>)",
                         wanted));
}

TEST(Xml, DiffersInATextAndInTheNumberOfElements) {
  const std::string wanted = "<C><Rule><Days>7</Days></Rule></C>";
  EXPECT_FALSE(xml_agrees("<C><Rule><Days>8</Days></Rule></C>", wanted));
  EXPECT_FALSE(xml_agrees("<C></C>", wanted));
  EXPECT_FALSE(xml_agrees("<C><Rule><Days>7</Days></Rule><Rule><Days>9</Days></Rule></C>", wanted));
  EXPECT_FALSE(xml_agrees("not XML", wanted));
}

TEST(Xml, EscapesTexts) {
  EXPECT_EQ(element("Key", escape_xml("a<b & c>d")), "<Key>a&lt;b &amp; c&gt;d</Key>");
}

}  // namespace
}  // namespace cli
