package io.zenmesh.e2e.threat;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.extproc.signature.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of refusals in {@code docs/architecture.md} against what can be answered. */
class RefusalTableTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (\\d{3}(?:, \\d{3})*) \\| (.*) \\|$");
  private static final Pattern CODE = Pattern.compile("`([a-z]+(?:_[a-z]+)+|replayed)`");
  private static final Pattern CONFIGURED =
      Pattern.compile("zenmesh\\.io/problems/([a-z]+(?:_[a-z]+)*)");

  private final Path root = Checkout.find().root();

  private Set<String> table() throws IOException {
    String page = Files.readString(root.resolve("docs/architecture.md"));
    String section = page.replaceFirst("(?s).*\\n## Refusals\\n", "");
    Set<String> rows = new TreeSet<>();
    ROW.matcher(section)
        .results()
        .forEach(row ->
            CODE.matcher(row.group(2))
                .results()
                .forEach(code -> {
                  for (String status : row.group(1).split(", ")) {
                    rows.add(status + " " + code.group(1));
                  }
                }));
    return rows;
  }

  @Test
  void everyReasonOfTheProcessor_isListedWithItsStatus() throws IOException {
    assertThat(table())
        .containsAll(
            Stream.of(Reason.values())
                .map(reason -> reason.status() + " " + reason.outwardCode())
                .toList());
  }

  @Test
  void everyCodeOfTheConfiguration_isListed() throws IOException {
    List<String> listed = table().stream().map(row -> row.substring(4)).toList();
    Set<String> configured = new TreeSet<>();
    try (Stream<Path> goldens = Files.list(root.resolve("xds/src/test/resources/golden"))) {
      for (Path golden : goldens.filter(it -> it.toString().contains(".listeners.")).toList()) {
        CONFIGURED
            .matcher(Files.readString(golden))
            .results()
            .forEach(code -> configured.add(code.group(1)));
      }
    }
    assertThat(configured).contains("gateway_unavailable", "endpoint_unknown", "rate_limited");
    assertThat(listed).containsAll(configured);
  }
}
