#define _GNU_SOURCE
#include "ceditline.h"
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>

EditLine *ll_editor_new(const char *program) { return el_init(program, stdin, stdout, stderr); }
void ll_editor_set_prompt(EditLine *e, ll_prompt_function f, wchar_t literal) { el_wset(e, EL_PROMPT_ESC, f, literal); }
void ll_editor_set_client(EditLine *e, void *client) { el_wset(e, EL_CLIENTDATA, client); }
void *ll_editor_client(EditLine *e) {
  void *client = NULL;
  el_wget(e, EL_CLIENTDATA, &client);
  return client;
}
void ll_editor_set_reader(EditLine *e, el_rfunc_t f) { el_wset(e, EL_GETCFN, f); }
void ll_editor_set_history(EditLine *e, HistoryW *h) { el_wset(e, EL_HIST, history_w, h); }
void ll_editor_set_signals(EditLine *e, int on) { el_wset(e, EL_SIGNAL, on); }
void ll_editor_set_emacs(EditLine *e) { el_wset(e, EL_EDITOR, L"emacs"); }
void ll_editor_add_function(EditLine *e, const wchar_t *name, ll_key_function f) {
  el_wset(e, EL_ADDFN, name, name, f);
}
void ll_editor_bind(EditLine *e, const wchar_t *key, const wchar_t *function) {
  el_wset(e, EL_BIND, key, function, NULL);
}
void ll_editor_set_capability(EditLine *e, const wchar_t *name, const wchar_t *value) {
  el_wset(e, EL_SETTC, name, value, NULL);
}
void ll_editor_prepare_terminal(EditLine *e, int raw) { el_wset(e, EL_PREP_TERM, raw); }
void ll_editor_refresh(EditLine *e) { el_wset(e, EL_REFRESH); }
void ll_history_set_size(HistoryW *h, int size) {
  HistEventW event;
  history_w(h, &event, H_SETSIZE, size);
}
void ll_history_enter(HistoryW *h, const wchar_t *line) {
  HistEventW event;
  history_w(h, &event, H_ENTER, line);
}

bool ll_use_utf8(void) {
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

static atomic_bool interrupted;
static atomic_int screen;
static atomic_int terminated;

static void on_signal(int number) {
  switch (number) {
  case SIGINT:
    atomic_store(&interrupted, true);
    break;
  case SIGWINCH:
    atomic_fetch_or(&screen, LL_RESIZED);
    break;
  case SIGCONT:
    atomic_fetch_or(&screen, LL_CONTINUED);
    break;
  default:
    // A computation that hears of it stops as for Ctrl-C.
    atomic_store(&terminated, number);
    atomic_store(&interrupted, true);
  }
}

void ll_signals_install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  int numbers[] = {SIGINT, SIGWINCH, SIGCONT, SIGTERM, SIGHUP};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

bool ll_interrupted(void) { return atomic_load_explicit(&interrupted, memory_order_relaxed); }
bool ll_take_interrupt(void) { return atomic_exchange(&interrupted, false); }
int ll_take_screen_signals(void) { return atomic_exchange(&screen, 0); }
int ll_terminated(void) { return atomic_load(&terminated); }

int ll_wait(int descriptor, int milliseconds) {
  struct pollfd p = {descriptor, POLLIN, 0};
  int r = poll(&p, 1, milliseconds);
  if (r > 0) return 1;
  if (r == 0) return 2;
  return errno == EINTR ? 0 : -1;
}

void ll_draw(const char *text) {
  fputs(text, stdout);
  fflush(stdout);
}

int ll_screen_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

int ll_character_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }
