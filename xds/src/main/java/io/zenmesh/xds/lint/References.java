package io.zenmesh.xds.lint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.zenmesh.xds.resource.EnvoyTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;

/**
 * The reference messages, JSON files beside this class.
 *
 * <p>They are written down once more on purpose: a linter that asked the factories what is right
 * would agree with every mistake of theirs.
 */
final class References {
  private References() {}

  /** Merges the file {@code name.json} into {@code builder} and builds it. */
  static Message load(String name, Message.Builder builder) {
    String file = name + ".json";
    try (InputStream in = References.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("reference: " + file + " (expected: on the class path)");
      }
      JsonFormat.parser()
          .usingTypeRegistry(EnvoyTypes.registry())
          .merge(new InputStreamReader(in, UTF_8), builder);
      return builder.build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A part of a reference. */
  static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("reference: " + any.getTypeUrl(), e);
    }
  }
}
