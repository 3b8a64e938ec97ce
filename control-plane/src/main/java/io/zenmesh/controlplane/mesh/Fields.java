package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.YamlValue.Listing;
import io.zenmesh.controlplane.mesh.YamlValue.Mapping;
import io.zenmesh.controlplane.mesh.YamlValue.Member;
import io.zenmesh.controlplane.mesh.YamlValue.Scalar;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of one mapping, asked for one by one; what is wrong is noted and reads as absent, so
 * that reading goes on. {@link #end} notes the keys nobody asked for. Not thread-safe.
 *
 * <p>A value of the wrong type is never shown, only its type, nor is what should have been a name
 * or a key of ours: it may be a secret put in the wrong place.
 */
final class Fields {
  static final String NAME_GRAMMAR = "[a-z0-9][a-z0-9-]{0,62}";

  private final Mapping mapping;
  private final String path;
  private final String subject;
  private final Problems problems;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> forbidden = new LinkedHashSet<>();

  /**
   * @param path where the mapping stands, empty for a document
   */
  Fields(Mapping mapping, String path, String subject, Problems problems) {
    this.mapping = mapping;
    this.path = path;
    this.subject = subject;
    this.problems = problems;
  }

  int line() {
    return mapping.line();
  }

  String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  boolean has(String key) {
    asked.add(key);
    return mapping.members().containsKey(key);
  }

  /** Whether exactly this text stands under a key; notes nothing. */
  boolean says(String key, String text) {
    Member member = mapping.members().get(key);
    return member != null
        && member.value() instanceof Scalar(int line, Scalar.Type type, String found)
        && found.equals(text);
  }

  /** Text under a key that must be there. */
  Optional<Located<String>> text(String key, String expected) {
    if (!has(key)) {
      missing(key, expected);
      return Optional.empty();
    }
    return optionalText(key, expected);
  }

  /** Text under a key that may be absent. */
  Optional<Located<String>> optionalText(String key, String expected) {
    Optional<Member> member = member(key);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (member.get().value() instanceof Scalar(int line, Scalar.Type type, String text)
        && type == Scalar.Type.TEXT) {
      return Optional.of(new Located<>(line, text));
    }
    wrongType(key, member.get(), "text: " + expected);
    return Optional.empty();
  }

  /** A name under a key that must be there. */
  Optional<Located<Name>> name(String key) {
    return text(key, NAME_GRAMMAR).flatMap(text -> toName(at(key), text));
  }

  /** A name under a key that may be absent. */
  Optional<Located<Name>> optionalName(String key) {
    return optionalText(key, NAME_GRAMMAR).flatMap(text -> toName(at(key), text));
  }

  private Optional<Located<Name>> toName(String where, Located<String> text) {
    if (!Name.isValid(text.value())) {
      problems.add(text.line(), subject, where, "malformed", NAME_GRAMMAR);
      return Optional.empty();
    }
    return Optional.of(new Located<>(text.line(), new Name(text.value())));
  }

  /** A whole number within bounds, under a key that may be absent. */
  Optional<Located<Integer>> optionalInteger(String key, int least, int most) {
    String expected = "a whole number, " + least + " to " + most;
    Optional<Member> member = member(key);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (!(member.get().value() instanceof Scalar(int line, Scalar.Type type, String text)
        && type == Scalar.Type.INTEGER)) {
      wrongType(key, member.get(), expected);
      return Optional.empty();
    }
    // Plain decimal only: YAML also knows octal, hexadecimal and underscores.
    if (text.matches("0|[1-9][0-9]{0,8}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return Optional.of(new Located<>(line, number));
      }
    }
    problems.add(line, subject, at(key), Problems.shown(text), expected);
    return Optional.empty();
  }

  /** {@code true} or {@code false} under a key that may be absent. */
  Optional<Boolean> optionalFlag(String key) {
    Optional<Member> member = member(key);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (member.get().value() instanceof Scalar(int line, Scalar.Type type, String text)
        && type == Scalar.Type.BOOLEAN) {
      return Optional.of(Boolean.parseBoolean(text));
    }
    wrongType(key, member.get(), "true or false");
    return Optional.empty();
  }

  /** The mapping under a key that must be there. */
  Optional<Fields> mapping(String key) {
    if (!has(key)) {
      missing(key, "a mapping");
      return Optional.empty();
    }
    return optionalMapping(key);
  }

  /** The mapping under a key that may be absent. */
  Optional<Fields> optionalMapping(String key) {
    Optional<Member> member = member(key);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (member.get().value() instanceof Mapping found) {
      return Optional.of(new Fields(found, at(key), subject, problems));
    }
    wrongType(key, member.get(), "a mapping");
    return Optional.empty();
  }

  /** The mappings of a list under a key that may be absent. */
  List<Fields> mappings(String key) {
    List<Fields> found = new ArrayList<>();
    int index = 0;
    for (YamlValue item : items(key, "a list of mappings")) {
      String where = at(key) + "[" + index++ + "]";
      if (item instanceof Mapping each) {
        found.add(new Fields(each, where, subject, problems));
      } else {
        problems.add(item.line(), subject, where, item.kind(), "a mapping");
      }
    }
    return found;
  }

  /** The names of a list under a key that must be there, with at least one and each once. */
  List<Located<Name>> names(String key, int most) {
    String expected = "a list of 1 to " + most + " names";
    if (!has(key)) {
      missing(key, expected);
      return List.of();
    }
    List<YamlValue> items = items(key, expected);
    if (items.isEmpty() || items.size() > most) {
      problems.add(memberLine(key), subject, at(key), items.size() + " given", expected);
    }
    List<Located<Name>> found = new ArrayList<>();
    Set<Name> seen = new LinkedHashSet<>();
    int index = 0;
    for (YamlValue item : items) {
      String where = at(key) + "[" + index++ + "]";
      if (!(item instanceof Scalar(int line, Scalar.Type type, String text)
          && type == Scalar.Type.TEXT)) {
        problems.add(item.line(), subject, where, item.kind(), "text: " + NAME_GRAMMAR);
        continue;
      }
      Optional<Located<Name>> name = toName(where, new Located<>(line, text));
      if (name.isPresent() && !seen.add(name.get().value())) {
        problems.add(line, subject, where, "given twice", "each name once");
      }
      name.ifPresent(found::add);
    }
    return found;
  }

  /** The texts of a list under a key that may be absent, with at least one and each once. */
  List<Located<String>> texts(String key, int most, String expected) {
    String list = "a list of 1 to " + most + ": " + expected;
    List<YamlValue> items = items(key, list);
    boolean listed = member(key).filter(it -> it.value() instanceof Listing).isPresent();
    if (listed && (items.isEmpty() || items.size() > most)) {
      problems.add(memberLine(key), subject, at(key), items.size() + " given", list);
    }
    List<Located<String>> found = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    int index = 0;
    for (YamlValue item : items) {
      String where = at(key) + "[" + index++ + "]";
      if (!(item instanceof Scalar(int line, Scalar.Type type, String text)
          && type == Scalar.Type.TEXT)) {
        problems.add(item.line(), subject, where, item.kind(), "text: " + expected);
      } else if (!seen.add(text)) {
        problems.add(line, subject, where, "given twice", "each once");
      } else {
        found.add(new Located<>(line, text));
      }
    }
    return found;
  }

  /** Notes a key that must not be there, with its own words instead of "unknown key". */
  void forbid(String key, String expected) {
    forbidden.add(key);
    Member member = mapping.members().get(key);
    if (member != null) {
      problems.add(member.line(), subject, at(key), "given", expected);
    }
  }

  /** Notes every key that was not asked for; call it last. */
  void end() {
    mapping
        .members()
        .forEach((key, member) -> {
          if (!asked.contains(key) && !forbidden.contains(key)) {
            problems.add(
                member.line(),
                subject,
                shownKey(key),
                "unknown key",
                asked.isEmpty() ? "no keys" : "one of " + String.join(", ", asked));
          }
        });
  }

  /** A key that is not ours may be a secret, certainly in a Secret; a word of letters is shown. */
  private String shownKey(String key) {
    boolean word = !subject.startsWith("Secret") && key.matches("[A-Za-z]{1,20}");
    if (word) {
      return at(key);
    }
    return path.isEmpty() ? "document" : path;
  }

  /** Notes a problem with the value of {@code key}. */
  void refuse(int line, String key, String value, String expected) {
    problems.add(line, subject, at(key), value, expected);
  }

  /** The line of a key, or of the mapping when the key is absent. */
  int memberLine(String key) {
    Member member = mapping.members().get(key);
    return member == null ? mapping.line() : member.line();
  }

  private List<YamlValue> items(String key, String expected) {
    Optional<Member> member = member(key);
    if (member.isEmpty()) {
      return List.of();
    }
    if (member.get().value() instanceof Listing(int line, List<YamlValue> items)) {
      return items;
    }
    wrongType(key, member.get(), expected);
    return List.of();
  }

  private Optional<Member> member(String key) {
    asked.add(key);
    return Optional.ofNullable(mapping.members().get(key));
  }

  private void missing(String key, String expected) {
    problems.add(mapping.line(), subject, at(key), "missing", expected);
  }

  private void wrongType(String key, Member member, String expected) {
    problems.add(member.line(), subject, at(key), member.value().kind(), expected);
  }
}
