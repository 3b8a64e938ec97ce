package io.zenmesh.controlplane.api;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Answers lists page by page. Thread-safe. */
final class Pages {
  /** The longest page when none is asked for. */
  static final int USUAL = 50;

  private final Cursors cursors;

  Pages(Cursors cursors) {
    this.cursors = cursors;
  }

  /** One page: its items, and where it goes on. */
  record Page(List<?> items, Optional<String> next) {
    Page {
      items = List.copyOf(items);
    }
  }

  /** Reads at most {@code limit} values behind {@code after}, in order. */
  @FunctionalInterface
  interface Source<V> {
    List<V> read(Optional<String> after, int limit);
  }

  static Answer cursorInvalid(ApiRequest request) {
    return Answer.problem(
        Problem.Kind.CURSOR_INVALID,
        List.of("cursor: (expected: as it was handed out, for the same list)"),
        request.correlation());
  }

  /** All values at hand, put in order. */
  static <V> Source<V> of(List<V> all, Function<V, String> place) {
    return (after, limit) ->
        all.stream()
            .sorted(Comparator.comparing(place))
            .filter(it -> after.isEmpty() || place.apply(it).compareTo(after.get()) > 0)
            .limit(limit)
            .toList();
  }

  /** One page of values at hand. */
  <V> Answer answer(ApiRequest request, List<V> all, Function<V, String> place) {
    return answer(request, of(all, place), place, it -> it);
  }

  /**
   * @param place by which a value is ordered
   * @param view how it is shown
   */
  <V> Answer answer(
      ApiRequest request, Source<V> source, Function<V, String> place, Function<V, ?> view) {
    Optional<String> cursor = request.query("cursor");
    Optional<String> after = cursor.flatMap(it -> cursors.place(request, it));
    if (cursor.isPresent() && after.isEmpty()) {
      return cursorInvalid(request);
    }
    int limit = request.query("limit").map(Integer::parseInt).orElse(USUAL);
    List<V> read = source.read(after, limit + 1);
    List<V> shown = read.size() > limit ? read.subList(0, limit) : read;
    Optional<String> next =
        read.size() > limit
            ? Optional.of(cursors.behind(request, place.apply(shown.getLast())))
            : Optional.empty();
    return Answer.json(200, new Page(shown.stream().map(view).toList(), next));
  }
}
