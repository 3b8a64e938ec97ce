package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.resource.EnvoyTypes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Collects findings, and compares places with reference messages. Not thread-safe. */
final class Findings {
  static final String PASTE =
      "paste the part that 'zenctl envoy render --mode snippet' prints, unchanged";

  private final List<EnvoyFinding> found = new ArrayList<>();

  void add(Place place, String problem, String fix) {
    found.add(new EnvoyFinding(place.at(), place.path(), problem, fix));
  }

  /** In the order of the file, each once. */
  List<EnvoyFinding> all() {
    return found.stream()
        .distinct()
        .sorted(
            Comparator.comparingInt((EnvoyFinding finding) -> finding.at().line())
                .thenComparingInt(finding -> finding.at().column()))
        .toList();
  }

  /** Notes each field that is set and not on the list. */
  void onlyFields(Place place, Set<String> allowed, String what) {
    place
        .fields()
        .forEach((field, value) -> {
          if (!allowed.contains(field) && !field.equals("@type") && !value.isUnset()) {
            add(
                value,
                what + " field " + field + " is not known to be harmless (expected: not set)",
                "remove it, or let this part of the configuration go without the processor");
          }
        });
  }

  /**
   * Notes each field that a mapping names twice, here and below: as the protos do and in camel
   * case. Envoy joins the two, while one alone would be judged.
   */
  void spellings(Place place) {
    place.items().forEach(this::spellings);
    place
        .secondSpellings()
        .forEach((first, second) ->
            found.add(
                new EnvoyFinding(
                    second.at(),
                    second.path(),
                    "a second spelling of " + first + " (expected: each field once)",
                    "write it once, in one way")));
    place.entries().values().forEach(this::spellings);
  }

  /** Notes each difference from a reference. */
  void equal(Place place, Message reference, Map<String, Rule> rules) {
    Optional<Message> actual = parse(place, reference);
    if (actual.isEmpty()) {
      add(
          place,
          "not a "
              + reference.getDescriptorForType().getFullName()
              + " that is known (expected: only known fields and values)",
          PASTE);
      return;
    }
    for (Difference difference : new Shape(reference, rules).differences(actual.get())) {
      Place near = place.nearest(difference.path());
      found.add(
          new EnvoyFinding(
              near.at(), place.path() + "." + difference.path(), difference.problem(), PASTE));
    }
  }

  /** Whether a place equals a reference. */
  static boolean equals(Place place, Message reference) {
    return parse(place, reference)
        .filter(actual -> new Shape(reference, Map.of()).differences(actual).isEmpty())
        .isPresent();
  }

  /** A place as a message of the reference's type; empty when it is none that is known whole. */
  static Optional<Message> parse(Place place, Message reference) {
    Message.Builder builder = reference.newBuilderForType();
    try {
      JsonFormat.parser()
          .usingTypeRegistry(EnvoyTypes.registry())
          .merge(JsonFormat.printer().print(place.typed().message()), builder);
      return Optional.of(builder.build());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // Its text may quote the file.
      return Optional.empty();
    }
  }
}
