package io.zenmesh.extproc.standalone;

import io.zenmesh.xds.document.Position;
import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import io.zenmesh.xds.standalone.StandaloneReader;
import io.zenmesh.xds.standalone.StandaloneReader.Reading;
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
  private static final String EXPECTED =
      " (expected: a readable file of at most " + StandaloneReader.MAX_CHARACTERS + " characters)";

  private final TextFile text;
  private final Reading reading;
  private final List<SecretSource.Reading> secrets;
  private final List<TextFile> definitions;

  private Look(
      TextFile text,
      Reading reading,
      List<SecretSource.Reading> secrets,
      List<TextFile> definitions) {
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
    TextFile text = TextFile.read(file, StandaloneReader.MAX_CHARACTERS);
    Reading reading =
        text.text().isEmpty()
            ? new Reading.Bad(
                List.of(new Problem(Position.START, "", file + ": " + text.problem() + EXPECTED)))
            : before
                .filter(it -> it.text.equals(text))
                .map(it -> it.reading)
                .orElseGet(() ->
                    StandaloneReader.read(
                        text.text().get(), file.toAbsolutePath().resolveSibling(""), schemes));
    List<SecretSource.Reading> secrets = new ArrayList<>();
    List<TextFile> definitions = new ArrayList<>();
    if (reading instanceof Reading.Good(StandaloneConfig config)) {
      for (StandaloneEndpoint endpoint : config.endpoints()) {
        for (SecretRef ref : endpoint.secrets()) {
          secrets.add(source.read(ref));
        }
        endpoint
            .definition()
            .ifPresent(it ->
                definitions.add(TextFile.read(it.file(), SchemeSettings.MAX_DEFINITION_LENGTH)));
      }
    }
    return new Look(text, reading, secrets, definitions);
  }

  Reading reading() {
    return reading;
  }

  /** One for each reference, in the order of the file; none when the file is bad. */
  List<SecretSource.Reading> secrets() {
    return secrets;
  }

  /** Each definition, in the order of the file. */
  List<TextFile> definitions() {
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
