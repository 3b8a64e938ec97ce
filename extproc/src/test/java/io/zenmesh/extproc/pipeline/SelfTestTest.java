package io.zenmesh.extproc.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.signature.Catalogue;
import org.junit.jupiter.api.Test;

class SelfTestTest {
  @Test
  void run_onTheBundledCatalogue_passes() {
    assertThat(SelfTest.run(Catalogue.bundled())).isEmpty();
  }
}
