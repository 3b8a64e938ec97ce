package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every place of archives has to do. */
public abstract class ArchivePlaceContract {
  protected static final Name ACME = new Name("acme");
  protected static final ArchiveName FIRST = new ArchiveName(ACME, 1, 10);

  /** The place under test, empty at first; closed by who makes it. */
  protected abstract ArchivePlace place();

  /** A place that is not there. */
  protected abstract ArchivePlace missing();

  /** Puts bytes at a path of the place past the adapter. */
  protected abstract void plant(String path, byte[] bytes) throws IOException;

  /** What is at a path of the place. */
  protected abstract Optional<byte[]> planted(String path) throws IOException;

  protected static void write(ArchivePlace place, ArchiveName name, byte[] content)
      throws ArchiveException {
    place.write(
        name,
        out -> {
          try (out) {
            out.write(content);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  protected static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static byte[] unpacked(ArchivePlace place, ArchiveName name) throws IOException {
    try (InputStream in = new GZIPInputStream(place.read(name))) {
      return in.readAllBytes();
    }
  }

  protected static void refused(ArchiveFault fault, ThrowingCallable call) {
    assertThatThrownBy(call)
        .hasMessageStartingWith(fault.code() + ": ")
        .asInstanceOf(
            org.assertj.core.api.InstanceOfAssertFactories.throwable(ArchiveException.class))
        .extracting(ArchiveException::fault)
        .isEqualTo(fault);
  }

  @Test
  void A16_archive_isReadAsItWasWritten_andFound() throws IOException {
    ArchivePlace place = place();
    place.prove();
    assertThat(place.beginningAt(ACME, 1)).isEmpty();
    byte[] large = new byte[3_000_000];
    new Random(20261201).nextBytes(large);
    write(place, FIRST, large);
    assertThat(unpacked(place, FIRST)).isEqualTo(large);
    assertThat(place.beginningAt(ACME, 1)).contains(FIRST);
    assertThat(planted("acme/0000000000000000001-0000000000000000010.jsonl.gz")).isPresent();
    assertThat(place.shown(FIRST))
        .endsWith("acme/0000000000000000001-0000000000000000010.jsonl.gz");
  }

  @Test
  void beginningAt_takesTheShortest_andNothingElse() throws IOException {
    ArchivePlace place = place();
    for (String path :
        new String[] {
          "acme/0000000000000000011-0000000000000000030.jsonl.gz",
          "acme/0000000000000000011-0000000000000000020.jsonl.gz",
          "acme/0000000000000000011-0000000000000000012.jsonl.gz.new",
          "acme/0000000000000000011-0000000000000000009.jsonl.gz",
          "acme/0000000000000000011-9999999999999999999.jsonl.gz",
          "acme/0000000000000000011-",
          "acme/0000000000000000110-0000000000000000120.jsonl.gz",
          "acme-2/0000000000000000001-0000000000000000010.jsonl.gz"
        }) {
      plant(path, text(path));
    }
    assertThat(place.beginningAt(ACME, 11)).contains(new ArchiveName(ACME, 11, 20));
    assertThat(place.beginningAt(ACME, 1)).isEmpty();
    assertThat(place.beginningAt(ACME, 12)).isEmpty();
    assertThat(place.beginningAt(new Name("globex"), 11)).isEmpty();
  }

  @Test
  void A16_sameArchiveAgain_isFine_andAnotherOfItsName_isRefused() throws IOException {
    ArchivePlace place = place();
    write(place, FIRST, text("one"));
    write(place, FIRST, text("one"));
    refused(ArchiveFault.ARCHIVE_CONFLICT, () -> write(place, FIRST, text("two")));
    assertThat(unpacked(place, FIRST)).isEqualTo(text("one"));
  }

  @Test
  void A16_contentThatBreaksOff_leavesNothing() throws IOException {
    ArchivePlace place = place();
    assertThatThrownBy(() ->
            place.write(
                FIRST,
                out -> {
                  try {
                    out.write(text("half"));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                  throw new IllegalStateException("broke off");
                }))
        .hasMessage("broke off");
    assertThat(planted(FIRST.path())).isEmpty();
    assertThat(place.beginningAt(ACME, 1)).isEmpty();
    write(place, FIRST, text("whole"));
    assertThat(unpacked(place, FIRST)).isEqualTo(text("whole"));
  }

  @Test
  void A16_placeThatIsMissing_isNotMade() {
    refused(ArchiveFault.ARCHIVE_MISSING, () -> missing().prove());
    refused(ArchiveFault.ARCHIVE_MISSING, () -> write(missing(), FIRST, text("one")));
    refused(ArchiveFault.ARCHIVE_MISSING, () -> missing().prove());
  }

  @Test
  void archiveThatIsMissing_isNotRead() {
    refused(ArchiveFault.ARCHIVE_MISSING, () -> place().read(FIRST).close());
  }
}
