package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/schemes.md shows works as it says. */
class SchemesPageTest {
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  @Test
  void example_signsAndVerifies_withoutAFinding() throws Exception {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("..", "docs", "schemes.md")));
    assertThat(example.find()).isTrue();
    String yaml = example.group(1);
    assertThat(SchemeLinter.lint(yaml)).isEmpty();
    Scheme scheme = SchemeReader.read(yaml);
    TestRequest request = TestRequest.post("{}");
    TestRequest signed =
        request.with(
            SchemeSigner.sign(
                scheme,
                TestKeys.secret("s"),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "id-1")));
    assertThat(signed.one("X-Acme-Signature")).matches("t=1764000000,v1=[0-9a-f]{64}");
    assertThat(
            SchemeVerifier.prepare(
                    scheme, SchemeVerifier.Settings.DEFAULT, List.of(TestKeys.key("k", "s")))
                .verify(signed, Sample.NOW))
        .isInstanceOf(Verdict.Verified.class);
  }
}
