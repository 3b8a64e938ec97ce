package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeaderTextTest {
  @Test
  void oneCharacterOfAll_anywhere_isVisibleOnlyIfItIsVisibleAscii() {
    for (int c = 0; c <= 0xffff; c++) {
      boolean visible = c >= '!' && c <= '~';
      boolean blank = c == ' ';
      for (int place : c < 0x200 ? new int[] {0, 7, 8, 12, 15, 16, 22} : new int[] {3, 22}) {
        StringBuilder text = new StringBuilder("~".repeat(12)).append("!".repeat(11));
        text.setCharAt(place, (char) c);
        String shown = "%x at %d".formatted(c, place);
        assertThat(HeaderText.isVisible(text.toString())).as(shown).isEqualTo(visible);
        assertThat(HeaderText.isVisibleOr(text.toString(), ' '))
            .as(shown)
            .isEqualTo(visible || blank);
      }
    }
  }

  @Test
  void textOfNoLength_isVisible() {
    assertThat(HeaderText.isVisible("")).isTrue();
  }
}
