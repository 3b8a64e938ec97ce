package io.zenmesh.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ResultHeadersTest {
  private static final Pattern STRIPPED = Pattern.compile(ResultHeaders.STRIPPED);

  @Test
  void E05_everyResultHeader_isStripped() {
    assertThat(ResultHeaders.ALL).isNotEmpty().allMatch(ResultHeadersTest::isStripped);
  }

  @Test
  void E05_everyNameUnderThePrefixButTheSignature_isStripped() {
    List<String> names = new ArrayList<>(List.of("x-zen-", "x-zen-signature-", "x-zen-other"));
    String signature = ResultHeaders.SIGNATURE;
    for (int end = ResultHeaders.PREFIX.length(); end < signature.length(); end++) {
      names.add(signature.substring(0, end));
      for (char c : "abcdefghijklmnopqrstuvwxyz0123456789-!#$%&'*+.^_`|~".toCharArray()) {
        String sibling = signature.substring(0, end) + c;
        if (!signature.startsWith(sibling)) {
          names.add(sibling);
          names.add(sibling + signature.substring(end + 1));
        }
        names.add(signature + c);
      }
    }
    assertThat(names).hasSizeGreaterThan(500).allMatch(ResultHeadersTest::isStripped);
  }

  @Test
  void otherHeaders_areKept() {
    assertThat(
            List.of(
                ResultHeaders.SIGNATURE,
                "x-zen",
                "x-zenith-tenant",
                "content-type",
                "webhook-signature",
                "x-hub-signature-256",
                "my-x-zen-tenant"))
        .noneMatch(ResultHeadersTest::isStripped);
  }

  @Test
  void headersThatTheProcessorMaySet_includeEveryResultHeader() {
    assertThat(ResultHeaders.ALL)
        .allMatch(name -> Pattern.matches(ProcessorFilter.MUTABLE_HEADERS, name));
    assertThat(List.of("host", "authorization", "x-request-id", "content-length"))
        .noneMatch(name -> Pattern.matches(ProcessorFilter.MUTABLE_HEADERS, name));
  }

  private static boolean isStripped(String name) {
    return STRIPPED.matcher(name).matches();
  }
}
