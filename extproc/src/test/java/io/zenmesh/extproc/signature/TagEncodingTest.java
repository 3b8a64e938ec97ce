package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TagEncodingTest {
  private static final String DIGITS = "0123456789abcdef";

  /** Digits are read eight at a time, and what remains two at a time: 5 bytes need both. */
  @Test
  void oneCharacterOfAll_inEachPlace_isADigitOnlyIfLowerCase() {
    for (int c = 0; c <= 0xffff; c++) {
      int value = DIGITS.indexOf(c);
      for (int place = 0; place < 10; place++) {
        StringBuilder text = new StringBuilder("sha1=0000000000");
        text.setCharAt(5 + place, (char) c);
        byte[] expected = new byte[value < 0 ? 0 : 5];
        if (value >= 0) {
          expected[place / 2] = (byte) (place % 2 == 0 ? value << 4 : value);
        }
        byte[] actual = TagEncoding.hexAfter("sha1=", text.toString(), 5);
        if (!Arrays.equals(actual, expected)) {
          assertThat(actual).as("%x at %d", c, place).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void bytesOfEveryLength_areReadAsTheyAreWritten() {
    Random random = new Random(1);
    for (int length = 1; length <= 100; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(TagEncoding.hexAfter("v=", "v=" + TagEncoding.HEX.encode(bytes), length))
          .isEqualTo(bytes);
    }
  }

  @Test
  void twoCharactersOfUtf16ThatAreOne_areNoDigits() {
    assertThat(TagEncoding.hexAfter("", "00\ud83d\ude00", 2)).isEmpty();
    assertThat(TagEncoding.hexAfter("", "0000\ud83d\ude00", 3)).isEmpty();
  }
}
