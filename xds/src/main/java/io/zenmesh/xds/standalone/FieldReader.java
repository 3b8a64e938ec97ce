package io.zenmesh.xds.standalone;

import io.zenmesh.xds.document.Node;
import io.zenmesh.xds.document.Node.Listing;
import io.zenmesh.xds.document.Node.Mapping;
import io.zenmesh.xds.document.Node.Member;
import io.zenmesh.xds.document.Node.Scalar;
import io.zenmesh.xds.document.Node.Type;
import io.zenmesh.xds.document.Position;
import io.zenmesh.xds.document.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The keys of one mapping, asked for one by one; what is wrong is noted and reads as absent, so
 * that reading goes on. {@link #end} notes the keys nobody asked for. Not thread-safe.
 *
 * <p>A value that is not of the expected form is not shown: it may be a secret in the wrong place.
 */
final class FieldReader {
  private static final int LONGEST_SHOWN_KEY = 30;

  private final Mapping mapping;
  private final String path;
  private final List<Problem> problems;
  private final Set<String> asked = new LinkedHashSet<>();

  FieldReader(Mapping mapping, String path, List<Problem> problems) {
    this.mapping = mapping;
    this.path = path;
    this.problems = problems;
  }

  /** Text and where it stands. */
  record Text(Position at, String value) {}

  Position at() {
    return mapping.at();
  }

  String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  boolean has(String key) {
    asked.add(key);
    return mapping.members().containsKey(key);
  }

  /** Where a key stands, or the mapping when it is absent. */
  Position keyAt(String key) {
    Member member = mapping.members().get(key);
    return member == null ? mapping.at() : member.key();
  }

  Optional<Node> node(String key) {
    asked.add(key);
    return mapping.get(key);
  }

  /** Text that must be there and be of this form. */
  Optional<Text> text(String key, Predicate<String> form, String expected) {
    if (!has(key)) {
      missing(key, expected);
      return Optional.empty();
    }
    return optionalText(key, form, expected);
  }

  /** Text that may be absent and must else be of this form. */
  Optional<Text> optionalText(String key, Predicate<String> form, String expected) {
    return node(key).flatMap(node -> text(node, at(key), form, expected));
  }

  private Optional<Text> text(Node node, String where, Predicate<String> form, String expected) {
    if (!(node instanceof Scalar(Position at, Type type, String value) && type == Type.TEXT)) {
      add(node.at(), where, node.kind() + " (expected: text: " + expected + ")");
      return Optional.empty();
    }
    if (!form.test(value)) {
      add(at, where, (value.isEmpty() ? "empty" : "malformed") + " (expected: " + expected + ")");
      return Optional.empty();
    }
    return Optional.of(new Text(at, value));
  }

  /** One of a few words; the first is the usual one. */
  String word(String key, List<String> words) {
    String expected = String.join(" or ", words);
    return optionalText(key, words::contains, expected).map(Text::value).orElse(words.getFirst());
  }

  /** A truth value, or {@code usual} when it is absent. */
  boolean flag(String key, boolean usual) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return usual;
    }
    if (node.get() instanceof Scalar(Position at, Type type, String text) && type == Type.BOOLEAN) {
      return text.equals("true");
    }
    add(node.get().at(), at(key), node.get().kind() + " (expected: true or false)");
    return usual;
  }

  /** A whole number within bounds, or {@code usual} when it is absent. */
  int number(String key, int least, int most, int usual) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return usual;
    }
    String expected = " (expected: a whole number, " + least + " to " + most + ")";
    if (!(node.get() instanceof Scalar(Position at, Type type, String text)
        && type == Type.INTEGER)) {
      add(node.get().at(), at(key), node.get().kind() + expected);
      return usual;
    }
    // Plain decimal only: YAML also knows octal, hexadecimal and underscores.
    if (text.matches("0|[1-9][0-9]{0,8}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    add(at, at(key), text + expected);
    return usual;
  }

  /** Texts of a list that may be absent. */
  List<Text> texts(String key, int most, Predicate<String> form, String expected) {
    List<Text> found = new ArrayList<>();
    int index = 0;
    for (Node item : items(key, 0, most, expected)) {
      text(item, at(key) + "[" + index++ + "]", form, expected).ifPresent(found::add);
    }
    return found;
  }

  /** The mapping that must be there. */
  Optional<FieldReader> mapping(String key) {
    if (!has(key)) {
      missing(key, "a mapping");
      return Optional.empty();
    }
    return optionalMapping(key);
  }

  /** The mapping that may be absent. */
  Optional<FieldReader> optionalMapping(String key) {
    return node(key).flatMap(node -> child(node, at(key)));
  }

  /** The mappings of a list that must be there. */
  List<FieldReader> mappings(String key, int least, int most) {
    List<FieldReader> found = new ArrayList<>();
    if (!has(key)) {
      missing(key, "a list of " + least + " to " + most);
      return found;
    }
    int index = 0;
    for (Node item : items(key, least, most, "mappings")) {
      child(item, at(key) + "[" + index++ + "]").ifPresent(found::add);
    }
    return found;
  }

  String path() {
    return path;
  }

  private Optional<FieldReader> child(Node node, String where) {
    if (node instanceof Mapping found) {
      return Optional.of(new FieldReader(found, where, problems));
    }
    add(node.at(), where, node.kind() + " (expected: a mapping)");
    return Optional.empty();
  }

  private List<Node> items(String key, int least, int most, String of) {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return List.of();
    }
    String expected = " (expected: a list of " + least + " to " + most + ": " + of + ")";
    if (!(node.get() instanceof Listing(Position at, List<Node> items))) {
      add(node.get().at(), at(key), node.get().kind() + expected);
      return List.of();
    }
    if (items.size() < least || items.size() > most) {
      add(at, at(key), items.size() + " given" + expected);
    }
    return items;
  }

  void missing(String key, String expected) {
    add(mapping.at(), at(key), "missing (expected: " + expected + ")");
  }

  void refuse(Position at, String key, String text) {
    add(at, at(key), text);
  }

  private void add(Position at, String where, String text) {
    problems.add(new Problem(at, where, text));
  }

  /** Notes every key that was not asked for; call it last. */
  void end() {
    end(true);
  }

  /** The same where a key that is not ours is likely the secret itself: none is shown. */
  void endUnshown() {
    end(false);
  }

  private void end(boolean mayShow) {
    mapping
        .members()
        .forEach((key, member) -> {
          if (!asked.contains(key)) {
            // A key that is not ours may be a secret; a short word of letters is shown.
            boolean word =
                mayShow
                    && key.length() <= LONGEST_SHOWN_KEY
                    && key.chars().allMatch(Character::isLetter);
            String near =
                NearMiss.of(key, asked).map(it -> ", did you mean " + it + "?").orElse("");
            add(
                member.key(),
                word ? at(key) : path,
                "unknown key" + near + " (expected: " + String.join(", ", asked) + ")");
          }
        });
  }
}
