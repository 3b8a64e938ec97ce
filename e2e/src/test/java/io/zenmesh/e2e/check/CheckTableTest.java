package io.zenmesh.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckTableTest {
  @Test
  void render_rows_alignsColumnsAndCounts() {
    String table =
        CheckTable.render(List.of(row("a", "n1", true), row("longer name", "n2", false)));

    assertThat(table)
        .isEqualTo(
            """
            scenario     node  http  expected      got  reason  ms
            a            n1    h1    409 replayed  200  -       1.5  ok
            longer name  n2    h1    409 replayed  200  -       1.5  FAIL
                ! at the target 1 times (expected: 0)
            1 of 2 as expected
            """);
  }

  @Test
  void renderBrief_rowsThatAgree_areOneLine() {
    String table =
        CheckTable.renderBrief(
            List.of(row("a", "n1", true), row("a", "n2", true), row("a", "n3", false)));

    assertThat(table)
        .isEqualTo(
            """
            scenario  node   http  expected      got  reason  ms
            a         n1,n2  h1    409 replayed  200  -       1.5  ok
            a         n3     h1    409 replayed  200  -       1.5  FAIL
                ! at the target 1 times (expected: 0)
            2 of 3 as expected
            """);
  }

  private static CheckRow row(String scenario, String node, boolean ok) {
    return new CheckRow(
        scenario,
        node,
        Protocol.HTTP_1,
        "409 replayed",
        "200",
        "-",
        Duration.ofNanos(1_500_000),
        ok ? List.of() : List.of("at the target 1 times (expected: 0)"),
        ok);
  }
}
