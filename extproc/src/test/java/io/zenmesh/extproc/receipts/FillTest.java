package io.zenmesh.extproc.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FillTest {
  private static final long MOST = 80_000;

  @Test
  void full_beginsAtSevenEighths_andEndsBelowSix() {
    assertThat(Fill.EMPTY.next(70_000 - SpoolFormat.MAX_RECORD, MOST, true).full()).isFalse();
    Fill full = Fill.EMPTY.next(70_000, MOST, true);
    assertThat(full.full()).isTrue();
    assertThat(full.next(60_000, MOST, true).full()).isTrue();
    assertThat(full.next(60_000 - SpoolFormat.MAX_RECORD, MOST, true).full()).isFalse();
  }

  @Test
  void spoolThatCannotBeWritten_isFull() {
    assertThat(Fill.EMPTY.next(0, MOST, false).full()).isTrue();
    assertThat(Fill.EMPTY.next(0, MOST, false).next(0, MOST, true).full()).isFalse();
  }
}
