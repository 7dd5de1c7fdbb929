// What a test in the browser measures on the page: contrast of text, and what the keyboard reaches. Loaded by tests only.

(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  /** Any CSS colour as [r, g, b, a], the last from 0 to 1. */
  function rgba(color) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }

  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));

  /** The colour behind a node: every ground up to the page's own, laid one over the other. */
  function ground(node) {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  }

  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => 0.2126 * channel(color[0]) + 0.7152 * channel(color[1]) + 0.0722 * channel(color[2]);

  /** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
  function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  /** Every text in sight whose contrast is below `least`, as "ratio text". Controls that are switched off do not count. */
  function faint(least) {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const node = text.parentElement;
      if (!text.data.trim() || !node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || node.closest(".unseen, :disabled, option")) continue;
      const below = ground(node);
      const ratio = contrast(over(rgba(getComputedStyle(node).color), below), below);
      if (ratio < least) found.push(`${ratio.toFixed(2)} ${text.data.trim()}`);
    }
    return found;
  }

  const name = (node) => (node.getAttribute("aria-label") ?? [...(node.labels ?? [])].map((label) => label.textContent).join(" ")) || node.textContent.trim() || node.title;

  /** What stands where the keyboard is: a mark to tell it by, its name, and whether one can see that it is there. */
  function focused() {
    const node = document.activeElement;
    if (node === document.body) return null;
    node.dataset.reached ??= String(Math.random());
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    return { mark: node.dataset.reached, name: name(node) || node.getAttribute("aria-labelledby"), visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
  }

  /** The arrow keys lead on from one to the next. */
  const inReachedGroup = (node) => node.type === "radio" && document.querySelector(`[name="${CSS.escape(node.name)}"][data-reached]`);

  /** The controls in sight that the keyboard has not reached. */
  function unreached() {
    const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const there = controls.filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled && node.tabIndex >= 0);
    return there.filter((node) => !node.dataset.reached && !inReachedGroup(node)).map((node) => node.outerHTML.slice(0, 120));
  }

  window.eyes = { faint, focused, unreached };
})();
