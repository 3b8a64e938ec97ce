package io.zenmesh.extproc.standalone;

import io.zenmesh.xds.document.Position;
import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import io.zenmesh.xds.standalone.StandaloneReader;
import io.zenmesh.xds.standalone.StandaloneReader.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration file and everything it refers to, as they were at one moment. Holds secrets: the
 * owner closes it when they are not in use.
 */
final class Look implements AutoCloseable {
  private final Optional<String> text;
  private final Reading reading;
  private final List<SecretSource.Reading> secrets;
  private final List<Optional<String>> definitions;

  private Look(
      Optional<String> text,
      Reading reading,
      List<SecretSource.Reading> secrets,
      List<Optional<String>> definitions) {
    this.text = text;
    this.reading = reading;
    this.secrets = List.copyOf(secrets);
    this.definitions = List.copyOf(definitions);
  }

  /**
   * Looks.
   *
   * @param schemes the catalogue's names
   * @param before an earlier look, whose reading holds for the same text
   */
  static Look at(Path file, SecretSource source, Set<String> schemes, Optional<Look> before) {
    Optional<String> text = read(file);
    Reading reading =
        text.isEmpty()
            ? new Reading.Bad(
                List.of(
                    new Problem(
                        Position.START, "", file + ": cannot be read (expected: a readable file)")))
            : before
                .filter(it -> it.text.equals(text))
                .map(it -> it.reading)
                .orElseGet(() ->
                    StandaloneReader.read(
                        text.get(), file.toAbsolutePath().resolveSibling(""), schemes));
    List<SecretSource.Reading> secrets = new ArrayList<>();
    List<Optional<String>> definitions = new ArrayList<>();
    if (reading instanceof Reading.Good(StandaloneConfig config)) {
      for (StandaloneEndpoint endpoint : config.endpoints()) {
        for (SecretRef ref : endpoint.secrets()) {
          secrets.add(source.read(ref));
        }
        endpoint.definition().ifPresent(it -> definitions.add(read(it.file())));
      }
    }
    return new Look(text, reading, secrets, definitions);
  }

  private static Optional<String> read(Path file) {
    try {
      // The reader refuses more; four bytes at most are one character.
      return Files.size(file) > 4L * StandaloneReader.MAX_CHARACTERS
          ? Optional.empty()
          : Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  Reading reading() {
    return reading;
  }

  /** One for each reference, in the order of the file; none when the file is bad. */
  List<SecretSource.Reading> secrets() {
    return secrets;
  }

  /** The text of each definition, in the order of the file; empty where it cannot be read. */
  List<Optional<String>> definitions() {
    return definitions;
  }

  boolean sameAs(Look other) {
    if (!text.equals(other.text)
        || !definitions.equals(other.definitions)
        || secrets.size() != other.secrets.size()) {
      return false;
    }
    boolean same = true;
    for (int i = 0; i < secrets.size(); i++) {
      same &= secrets.get(i).sameAs(other.secrets.get(i));
    }
    return same;
  }

  @Override
  public void close() {
    secrets.forEach(secret -> secret.bytes().ifPresent(SecretBytes::close));
  }
}
