package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TagEncodingTest {
  private static final String DIGITS = "0123456789abcdef";

  @Test
  void oneCharacterOfAll_inEachPlace_isADigitOnlyIfLowerCase() {
    for (int c = 0; c <= 0xffff; c++) {
      int value = DIGITS.indexOf(c);
      for (int place = 0; place < 4; place++) {
        StringBuilder text = new StringBuilder("sha1=0000");
        text.setCharAt(5 + place, (char) c);
        byte[] expected = new byte[value < 0 ? 0 : 2];
        if (value >= 0) {
          expected[place / 2] = (byte) (place % 2 == 0 ? value << 4 : value);
        }
        assertThat(TagEncoding.hexAfter("sha1=", text.toString(), 2))
            .as("%x at %d", c, place)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void twoCharactersOfUtf16ThatAreOne_areNoDigits() {
    assertThat(TagEncoding.hexAfter("", "00\ud83d\ude00", 2)).isEmpty();
    assertThat(TagEncoding.hexAfter("", "0000\ud83d\ude00", 3)).isEmpty();
  }
}
