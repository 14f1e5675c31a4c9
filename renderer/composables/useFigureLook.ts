import { computed } from 'vue';
import { FONT_SIZE_PX, type Look, paperLook } from '../../core/report/drawing/look';
import { useSettings } from '../stores/settings';

/** Measures texts; null only where there is no canvas at all. */
const ruler = document.createElement('canvas').getContext('2d');
const widths = new Map<string, number>();

function widthIn(font: string): (text: string) => number {
  return (text) => {
    if (!ruler) return text.length * FONT_SIZE_PX;
    const key = `${font}\n${text}`;
    const known = widths.get(key);
    if (known !== undefined) return known;
    ruler.font = `${FONT_SIZE_PX}px ${font}`;
    const { width } = ruler.measureText(text);
    // Labels come and go with sessions: what is kept is bounded.
    if (widths.size > 20_000) widths.clear();
    widths.set(key, width);
    return width;
  };
}

/** The colours and letters of figures in the theme that stands now, and on paper. */
export function useFigureLook() {
  const settings = useSettings();

  const screen = computed((): Look => {
    // Read for its change: the tokens of the theme follow it.
    void settings.dark;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(name).trim();
    return {
      text: token('--text'),
      quiet: token('--text-quiet'),
      line: token('--line'),
      ground: token('--ground-raised'),
      selected: token('--ground-selected'),
      font: token('--font'),
      widthOf: widthIn(token('--font')),
      colourOf: settings.colourOf,
    };
  });

  function paper(): Look {
    const { font } = paperLook([], () => 0);
    return { ...paperLook([], widthIn(font)), colourOf: settings.colourOf };
  }

  return { screen, paper };
}
