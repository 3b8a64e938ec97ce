package io.zenmesh.controlplane.store.kms;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Keys of a service that makes and deletes none for us: their owner names them. Immutable. */
public interface NamedKeys extends KmsPlace {
  /** Where a service may be: nobody on the way is to read it. */
  Pattern ENDPOINT =
      Pattern.compile(
          "https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|http://(127\\.0\\.0\\.1|localhost)(:[0-9]{1,5})?");

  /** Which service, as in the options {@code --kek-KIND} and in the ids {@code KIND:KEY}. */
  String kind();

  /** The key to wrap under. */
  String current();

  /** Keys that were current before, as long as anything is under them. */
  List<String> former();

  /** The id of one of its keys. */
  default String kekId(String key) {
    return kind() + ":" + key;
  }

  /** The ids of all its keys, the current one last. */
  default List<String> kekIds() {
    return Stream.concat(former().stream(), Stream.of(current())).map(this::kekId).toList();
  }

  /** The key of an id that is one of its own. */
  default String key(String kekId) {
    return kekId.substring(kind().length() + 1);
  }

  /**
   * Refuses keys that have another form, and a former key that is the current one.
   *
   * @throws IllegalArgumentException with the option's name
   */
  static void check(
      String kind, String current, List<String> former, Pattern form, String expected) {
    check("kek-" + kind, current, form, expected);
    for (String key : former) {
      check("kek-" + kind + "-former", key, form, expected);
      if (key.equals(current)) {
        throw new IllegalArgumentException(
            "kek-" + kind + "-former: " + key + " (expected: another key)");
      }
    }
  }

  private static void check(String option, String key, Pattern form, String expected) {
    if (!form.matcher(key).matches()) {
      throw new IllegalArgumentException(option + ": " + key + " (expected: " + expected + ")");
    }
  }

  /**
   * Refuses an endpoint that anybody on the way could read.
   *
   * @throws IllegalArgumentException with the option's name
   */
  static void check(String kind, Optional<URI> endpoint) {
    endpoint
        .filter(it -> !ENDPOINT.matcher(it.toString()).matches())
        .ifPresent(it -> {
          throw new IllegalArgumentException(
              "kek-"
                  + kind
                  + "-endpoint: "
                  + it
                  + " (expected: https://HOST[:PORT], or http:// on this machine)");
        });
  }
}
