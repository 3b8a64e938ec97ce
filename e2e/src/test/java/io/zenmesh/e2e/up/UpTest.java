package io.zenmesh.e2e.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.e2e.harness.HarnessException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class UpTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Screen screen = new Screen(new PrintStream(said, true, UTF_8), false, false);
  private final Up.Attempt start =
      () -> {
        throw new HarnessException("control-plane: ended with status 143 (expected: a line)");
      };

  @Test
  void failureWhileEverythingIsEnded_isSaidToBeAnInterruption() throws Exception {
    assertThat(Up.unlessInterrupted(start, () -> true, screen)).isEqualTo(130);
    assertThat(said.toString(UTF_8)).isEqualTo("interrupted\n");
  }

  @Test
  void failureByItself_isOne() {
    assertThatThrownBy(() -> Up.unlessInterrupted(start, () -> false, screen))
        .isInstanceOf(HarnessException.class);
    assertThat(said.toString(UTF_8)).isEmpty();
  }
}
