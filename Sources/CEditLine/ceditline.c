#define _GNU_SOURCE
#include "ceditline.h"
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// What libedit would draw. Its differences tear wide characters apart, so the screen is drawn in Swift and libedit's own
// drawing goes nowhere; what `bind` says about a key is kept for a moment when asked for.
static char *heard;
static size_t heard_size, heard_capacity;

static ssize_t hear(void *cookie, const char *bytes, size_t count) {
  (void)cookie;
  size_t room = heard ? heard_capacity - heard_size : 0;
  size_t kept = count < room ? count : room;
  if (kept) memcpy(heard + heard_size, bytes, kept);
  heard_size += kept;
  return (ssize_t)count;
}

static FILE *silence(void) {
  static FILE *stream;
  cookie_io_functions_t functions = {.write = hear};
  if (!stream) stream = fopencookie(NULL, "w", functions);
  return stream;
}

EditLine *ll_editor_new(const char *program, int input, int output) {
  FILE *out = silence();
  return out ? el_init_fd(program, stdin, out, out, input, output, output) : NULL;
}

size_t ll_editor_describe_key(EditLine *e, const wchar_t *key, char *description, size_t capacity) {
  const wchar_t *arguments[] = {L"bind", key, NULL};
  FILE *out = silence();
  fflush(out);
  heard = description, heard_size = 0, heard_capacity = capacity;
  el_wparse(e, 2, arguments);
  fflush(out);
  heard = NULL;
  return heard_size;
}

void ll_editor_replace(EditLine *e, const wchar_t *text, size_t cursor) {
  if (*text) {
    el_wreplacestr(e, text);
  } else {
    const LineInfoW *line = el_wline(e);
    int count = (int)(line->lastchar - line->buffer);
    el_cursor(e, count);
    el_deletestr(e, count);
  }
  el_cursor(e, (int)cursor - el_cursor(e, 0));
}

bool ll_editor_is_vi(EditLine *e) {
  const wchar_t *name = NULL;
  return el_wget(e, EL_EDITOR, &name) == 0 && name && wcscmp(name, L"vi") == 0;
}

static wchar_t *no_prompt(EditLine *e) {
  (void)e;
  static wchar_t empty[] = L"";
  return empty;
}
void ll_editor_set_no_prompt(EditLine *e) { el_wset(e, EL_PROMPT, no_prompt); }
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
void ll_editor_bind_command_mode(EditLine *e, const wchar_t *key, const wchar_t *function) {
  el_wset(e, EL_BIND, L"-a", key, function, NULL);
}
void ll_editor_prepare_terminal(EditLine *e, int raw) { el_wset(e, EL_PREP_TERM, raw); }
void ll_editor_set_quiet_modes(EditLine *e) { el_wset(e, EL_SETTY, L"-x", L"-echo", NULL); }
void ll_editor_free(EditLine *e) {
  el_wset(e, EL_EDITMODE, 0);  // or the end of the editor throws away what was typed for the shell
  el_end(e);
}
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

static const int ending[] = {SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGVTALRM, SIGUSR1, SIGUSR2, SIGXCPU};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};

#define COUNT(array) (sizeof array / sizeof *array)

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
  case SIGTSTP:
    atomic_fetch_or(&screen, LL_STOPPING);
    break;
  default:
    // A computation that hears of it stops as for Ctrl-C.
    atomic_store(&terminated, number);
    atomic_store(&interrupted, true);
  }
}

// The terminal as the program found it.
static struct termios found;
static atomic_int found_descriptor = -1;

static void on_fatal(int number) {
  ll_terminal_restore();
  signal(number, SIG_DFL);
  raise(number);
}

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(number, &action, NULL);
}

void ll_signals_install(void) {
  int screen_signals[] = {SIGINT, SIGWINCH, SIGCONT};
  for (unsigned i = 0; i < COUNT(screen_signals); i++) handle(screen_signals[i], on_signal, 0);
  for (unsigned i = 0; i < COUNT(ending); i++) handle(ending[i], on_signal, 0);
  handle(SIGPIPE, SIG_IGN, 0);
  // A stack that ran out has no room for a handler: it gets one of its own.
  static char room[1 << 15];
  stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
  sigaltstack(&stack, NULL);
  for (unsigned i = 0; i < COUNT(fatal); i++) handle(fatal[i], on_fatal, SA_ONSTACK | SA_RESETHAND);
}

static void editing_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGWINCH);
  sigaddset(set, SIGCONT);
  sigaddset(set, SIGTSTP);
  for (unsigned i = 0; i < COUNT(ending); i++) sigaddset(set, ending[i]);
}

// What is blocked during a wait: what was blocked before signals were held.
static sigset_t waiting;

void ll_signals_hold(bool hold) {
  sigset_t set;
  editing_signals(&set);
  if (hold) handle(SIGTSTP, on_signal, 0);
  pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, hold ? &waiting : NULL);
  if (!hold) handle(SIGTSTP, SIG_DFL, 0);
  for (int number = 1; number < 64; number++) {
    if (sigismember(&set, number) == 1) sigdelset(&waiting, number);
  }
}

// Lets held signals arrive now.
static void deliver_signals(void) {
  sigset_t pending, set, before;
  editing_signals(&set);
  sigpending(&pending);
  sigandset(&pending, &pending, &set);
  if (sigisemptyset(&pending)) return;
  pthread_sigmask(SIG_UNBLOCK, &set, &before);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ll_stop(void) {
  handle(SIGTSTP, SIG_DFL, 0);
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &before);
  kill(getpid(), SIGTSTP);  // here the program stands still until `fg`; without a shell above it goes straight on
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  handle(SIGTSTP, on_signal, 0);
}

void ll_terminal_keep(int descriptor) {
  if (atomic_load(&found_descriptor) < 0 && tcgetattr(descriptor, &found) == 0) {
    atomic_store(&found_descriptor, descriptor);
    atexit(ll_terminal_restore);
  }
}

void ll_terminal_restore(void) {
  int descriptor = atomic_load(&found_descriptor);
  // In the background the terminal is someone else's by now.
  if (descriptor < 0 || tcgetpgrp(descriptor) != getpgrp()) return;
  static const char leave[] = "\033[?2004l\033[?25h";
  ssize_t ignored = write(descriptor, leave, sizeof leave - 1);
  (void)ignored;
  tcsetattr(descriptor, TCSANOW, &found);
}

void ll_terminal_raw(int descriptor, bool on) {
  static struct termios before;
  static bool is_on = false;
  if (on == is_on) return;
  if (!on) {
    tcsetattr(descriptor, TCSANOW, &before);
    is_on = false;
    return;
  }
  if (tcgetattr(descriptor, &before) != 0) return;
  struct termios mode = before;
  mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  mode.c_lflag |= ISIG;
  mode.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
  mode.c_oflag |= OPOST | ONLCR;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  is_on = tcsetattr(descriptor, TCSANOW, &mode) == 0;
}

void ll_descriptors_open(void) {
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
      int opened = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
      if (opened >= 0 && opened != descriptor) {
        dup2(opened, descriptor);
        close(opened);
      }
    }
  }
}

bool ll_interrupted(void) {
  return atomic_load_explicit(&interrupted, memory_order_relaxed) ||
         atomic_load_explicit(&terminated, memory_order_relaxed);
}
bool ll_take_interrupt(void) { return atomic_exchange(&interrupted, false); }
int ll_take_screen_signals(void) { return atomic_exchange(&screen, 0); }
int ll_terminated(void) { return atomic_load(&terminated); }

long ll_read_keys(int descriptor, int milliseconds, unsigned char *bytes, size_t capacity, const char *before,
                  const char *after) {
  struct pollfd ready = {descriptor, POLLIN, 0};
  struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  int found = ppoll(&ready, 1, milliseconds < 0 ? NULL : &limit, &waiting);
  if (found == 0) return LL_QUIET;
  if (found < 0) return errno == EINTR ? LL_SIGNAL : 0;
  // What can be read now was typed after a Ctrl-C that is still held, and belongs to the next line.
  deliver_signals();
  if (ll_interrupted()) return LL_SIGNAL;
  ssize_t count = read(descriptor, bytes, capacity);
  if (count < 0) return errno == EINTR || errno == EAGAIN ? LL_SIGNAL : 0;
  if (count == 1 && before && bytes[0] >= 0x20 && bytes[0] < 0x7F) {
    char shown[64];
    size_t lead = strlen(before), rest = strlen(after);
    if (lead + 1 + rest <= sizeof shown) {
      memcpy(shown, before, lead);
      shown[lead] = (char)bytes[0];
      memcpy(shown + lead + 1, after, rest);
      ssize_t ignored = write(1, shown, lead + 1 + rest);
      (void)ignored;
    }
  }
  return count;
}

int ll_screen_size(int descriptor, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}
