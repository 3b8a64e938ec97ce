package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checkpoint as it was found: a C2SP signed note, read strictly, its signatures not yet checked.
 *
 * @param origin the log it says it is of
 * @param size how many entries the log had
 * @param root over all of them
 * @param text what is signed
 * @param signatures the lines under it
 */
public record SignedCheckpoint(
    String origin, long size, Hash root, String text, List<SignatureLine> signatures) {
  private static final Pattern NOTE =
      Pattern.compile(
          "((\\S{1,200})\\n(0|[1-9][0-9]{0,17})\\n([A-Za-z0-9+/]{43}=)\\n(?:[^\\n]+\\n){0,16})\\n"
              + "((?:\u2014 [^\\s+]{1,200} [A-Za-z0-9+/=]{1,200}\\n){1,16})");
  private static final Pattern LINE = Pattern.compile("\u2014 (\\S+) (\\S+)\\n");

  /** Copies the list. */
  public SignedCheckpoint {
    signatures = List.copyOf(signatures);
  }

  /**
   * Who signed.
   *
   * @param name of the key
   * @param value base64 of the key's id, 4 bytes, and the signature
   */
  public record SignatureLine(String name, String value) {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it has another form
   */
  public static SignedCheckpoint parse(String note) {
    List<SignedCheckpoint> all = parseAll(note);
    if (all.size() != 1) {
      throw malformed(all.size() + 1);
    }
    return all.getFirst();
  }

  /**
   * Reads a history: notes one after the other, with or without blank lines between them.
   *
   * @throws IllegalArgumentException when any part of it has another form
   */
  public static List<SignedCheckpoint> parseAll(String notes) {
    List<SignedCheckpoint> all = new ArrayList<>();
    Matcher note = NOTE.matcher(notes);
    int at = 0;
    while (at < notes.length()) {
      if (notes.charAt(at) == '\n') {
        at++;
        continue;
      }
      note.region(at, notes.length());
      if (!note.lookingAt()) {
        throw malformed(all.size() + 1);
      }
      all.add(read(note));
      at = note.end();
    }
    return all;
  }

  private static SignedCheckpoint read(Matcher note) {
    List<SignatureLine> lines = new ArrayList<>();
    Matcher line = LINE.matcher(note.group(5));
    while (line.find()) {
      lines.add(new SignatureLine(line.group(1), line.group(2)));
    }
    return new SignedCheckpoint(
        note.group(2),
        Long.parseLong(note.group(3)),
        Hash.of(Base64.getDecoder().decode(note.group(4))),
        note.group(1),
        lines);
  }

  private static IllegalArgumentException malformed(int number) {
    return new IllegalArgumentException(
        "checkpoint " + number + ": malformed (expected: a C2SP signed note)");
  }

  /** Whether one of these keys has signed it, and the key bears the name of its log. */
  public boolean signedBy(List<VerifierKey> keys) {
    for (SignatureLine line : signatures) {
      byte[] value;
      try {
        value = Base64.getDecoder().decode(line.value());
      } catch (IllegalArgumentException e) {
        continue;
      }
      if (value.length <= 4) {
        continue;
      }
      byte[] id = Arrays.copyOf(value, 4);
      byte[] signed = Arrays.copyOfRange(value, 4, value.length);
      for (VerifierKey key : keys) {
        if (key.name().equals(origin)
            && key.answersTo(line.name(), id)
            && key.verifies(text, signed)) {
          return true;
        }
      }
    }
    return false;
  }
}
