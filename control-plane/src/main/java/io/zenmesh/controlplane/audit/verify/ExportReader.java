package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads an export: JSON objects one after the other, plain or as gzip. Strict: unknown, missing and
 * repeated fields are errors, since what is not read cannot be checked.
 */
public final class ExportReader {
  /** The first field of the first line. */
  public static final String FORMAT = "zen-audit-export-v1";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(1).maxStringLength(65_536).build())
          .build();

  private ExportReader() {}

  /**
   * Hands every item on, in order.
   *
   * @throws IOException when the file cannot be read, or an item has another form; says which
   */
  public static void read(InputStream in, Consumer<ExportItem> to) throws IOException {
    long number = 0;
    try (JsonParser parser = JSON.createParser(plain(in))) {
      while (parser.nextToken() != null) {
        number++;
        to.accept(item(new Fields(parser)));
      }
    } catch (JacksonException | IllegalArgumentException e) {
      String reason = e instanceof JacksonException ? "no JSON object" : e.getMessage();
      throw new IOException("export: item " + Math.max(1, number) + ": " + reason, e);
    }
  }

  private static InputStream plain(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(2);
    boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
    buffered.reset();
    return gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
  }

  private static ExportItem item(Fields fields) {
    ExportItem item =
        switch (fields.kind()) {
          case "format" -> {
            if (!fields.text("format").equals(FORMAT)) {
              throw new IllegalArgumentException("format: unknown (expected: " + FORMAT + ")");
            }
            yield new ExportItem.Header(fields.text("log"));
          }
          case "checkpoint" -> new ExportItem.Note(fields.text("checkpoint"));
          case "cut" -> new ExportItem.Cut(fields.text("cut"), fields.number("seq"), fields.hash());
          case "entry" -> new ExportItem.Entry(entry(fields));
          case "leaf" -> new ExportItem.Leaf(leaf(fields));
          case "end" -> new ExportItem.End(fields.number("end"), fields.number("leaves"));
          default -> throw new IllegalArgumentException("kind: unknown");
        };
    fields.allTaken();
    return item;
  }

  private static ClaimedEntry entry(Fields fields) {
    return new ClaimedEntry(
        fields.text("entry"),
        fields.number("seq"),
        fields.number("time"),
        fields.text("actorKind"),
        fields.text("actor"),
        fields.text("action"),
        fields.text("object"),
        fields.text("outcome"),
        fields.text("reason"),
        fields.text("correlation"),
        fields.hash());
  }

  private static ClaimedLeaf leaf(Fields fields) {
    Optional<ClaimedLeaf.Place> place =
        fields.has("chain")
            ? Optional.of(new ClaimedLeaf.Place(fields.text("chain"), fields.number("seq")))
            : Optional.empty();
    return new ClaimedLeaf(fields.number("leaf"), place, fields.hash());
  }

  /** The fields of one object, each to be taken once. */
  private static final class Fields {
    private static final int MOST = 16;

    private final String[] names = new String[MOST];
    private final Object[] values = new Object[MOST];
    private final boolean[] taken = new boolean[MOST];
    private int count;

    Fields(JsonParser parser) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("no JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_STRING) {
          put(name, parser.getString());
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
          put(name, parser.getLongValue());
        } else {
          throw new IllegalArgumentException(name + ": neither text nor whole number");
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IllegalArgumentException("no JSON object");
      }
    }

    private void put(String name, Object value) {
      if (find(name) >= 0) {
        throw new IllegalArgumentException(name + ": twice");
      }
      if (count == MOST) {
        throw new IllegalArgumentException("fields: too many (expected: at most " + MOST + ")");
      }
      names[count] = name;
      values[count] = value;
      count++;
    }

    private int find(String name) {
      for (int i = 0; i < count; i++) {
        if (names[i].equals(name)) {
          return i;
        }
      }
      return -1;
    }

    /** The name of the first field. */
    String kind() {
      return count == 0 ? "" : names[0];
    }

    boolean has(String name) {
      return find(name) >= 0;
    }

    String text(String name) {
      int at = find(name);
      if (at >= 0 && values[at] instanceof String text) {
        taken[at] = true;
        return text;
      }
      throw new IllegalArgumentException(name + ": missing (expected: a text)");
    }

    long number(String name) {
      int at = find(name);
      if (at >= 0 && values[at] instanceof Long number) {
        taken[at] = true;
        return number;
      }
      throw new IllegalArgumentException(name + ": missing (expected: a whole number)");
    }

    Hash hash() {
      return Hash.parse(text("hash"));
    }

    void allTaken() {
      for (int i = 0; i < count; i++) {
        if (!taken[i]) {
          throw new IllegalArgumentException(names[i] + ": unknown");
        }
      }
    }
  }
}
