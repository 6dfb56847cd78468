"""Images read ahead by threads, so that decoding overlaps computing."""

import collections
import concurrent.futures
from collections.abc import Callable, Generator, Iterable

import numpy as np

from jaxiqa import checks
from jaxiqa.images import check_images

READERS = 2


def image_or_reason(read: Callable[[str], np.ndarray], key: str) -> np.ndarray | str:
    """Returns the image, or why there is none: a bad image costs its pairs, not the study."""
    try:
        return check_images(read(key)[None], name=key)[0]
    except checks.InputError as error:
        return str(error)
    except OSError as error:
        return f"{key}: {error}"


def prefetch(
    keys: Iterable[str], read: Callable[[str], np.ndarray], ahead: int
) -> Generator[np.ndarray | str, None, None]:
    """Yields images in order while threads read the next ones; close it to end the threads."""
    pool = concurrent.futures.ThreadPoolExecutor(READERS)
    waiting: collections.deque = collections.deque()
    try:
        for key in keys:
            waiting.append(pool.submit(image_or_reason, read, key))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
