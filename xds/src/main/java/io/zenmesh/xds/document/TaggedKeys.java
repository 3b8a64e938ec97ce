package io.zenmesh.xds.document;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Where keys of a YAML text bear a tag, which the parser of values does not tell. Readers differ in
 * what such a key means; Envoy leaves out what is under {@code !ignore}.
 */
final class TaggedKeys {
  /** What comes next in an open collection. */
  private enum Next {
    KEY,
    VALUE,
    ITEM
  }

  private final Deque<Next> open = new ArrayDeque<>();
  private final Set<Position> found = new LinkedHashSet<>();

  private TaggedKeys() {}

  /** The positions, in the order of the text; of malformed text those before the mistake. */
  static Set<Position> of(String text, LoadSettings settings) {
    TaggedKeys keys = new TaggedKeys();
    // Without the character there is no tag, and large files are read once only.
    if (text.indexOf('!') >= 0) {
      try {
        new Parse(settings).parseString(text).forEach(keys::event);
      } catch (YamlEngineException malformed) {
        // Told by who reads the values.
      }
    }
    return keys.found;
  }

  private void event(Event event) {
    switch (event) {
      case ScalarEvent scalar -> node(scalar, scalar.getTag().isPresent());
      case AliasEvent alias -> node(alias, false);
      case CollectionStartEvent start -> {
        node(start, start.getTag().isPresent());
        open.push(start instanceof MappingStartEvent ? Next.KEY : Next.ITEM);
      }
      case CollectionEndEvent end -> open.pop();
      default -> {}
    }
  }

  private void node(Event node, boolean tagged) {
    Next now = open.isEmpty() ? Next.ITEM : open.pop();
    if (now == Next.KEY && tagged) {
      node.getStartMark()
          .ifPresent(mark -> found.add(new Position(mark.getLine() + 1, mark.getColumn() + 1)));
    }
    open.push(
        switch (now) {
          case KEY -> Next.VALUE;
          case VALUE -> Next.KEY;
          case ITEM -> Next.ITEM;
        });
  }
}
