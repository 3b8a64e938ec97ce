package io.zenmesh.e2e.check;

import java.util.List;

/**
 * One header or trailer field as it stands on the wire; a repeated header is several fields.
 *
 * @param name as spelled, never folded to lower case
 * @param value as sent, not trimmed
 */
public record Field(String name, String value) {
  /** Whether this is the header of that name, in any case. */
  public boolean is(String otherName) {
    return name.equalsIgnoreCase(otherName);
  }

  /** The values of a header, in order, one for each field. */
  public static List<String> values(List<Field> fields, String name) {
    return fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
  }
}
