# The committed scripts are those that the command tree makes, and real shells complete by them.
for shell in bash zsh fish; do
  lotse completion $shell >made
  cmp made "$CHECKOUT/completions/lotse.$shell" ||
    { echo "FAILED: run completions/update"; exit 1; }
done
expect 2 lotse completion tcsh

complete_bash() {
  bash --norc -c '. "$CHECKOUT/completions/lotse.bash"
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lotse; printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
is() { [ "$1" = "$2" ] || { echo "FAILED: '$1' is not '$2'"; exit 1; }; }
is "$(complete_bash lotse tr)" train
is "$(complete_bash lotse train --epo)" --epochs
is "$(complete_bash lotse context us)" use
is "$(complete_bash lotse template show tr)" train
is "$(complete_bash lotse run servi)" service
is "$(complete_bash lotse run job --fat)" --fatal-codes
mkdir -p "$HOME/.config/lotse/templates"
lotse template init "$HOME/.config/lotse/templates/mine" --from service >made
is "$(complete_bash lotse run mi)" mine
is "$(complete_bash lotse run mine --ready)" --ready-path
is "$(complete_bash lotse plan run mine --ready)" --ready-path
is "$(complete_bash lotse status -o js)" json
is "$(complete_bash lotse list --on lo)" local

if command -v fish >/dev/null; then
  complete_fish() { fish --no-config -c "source $CHECKOUT/completions/lotse.fish; complete -C '$1'" | cut -f1; }
  is "$(complete_fish 'lotse tr')" train
  is "$(complete_fish 'lotse train --epo')" --epochs
  is "$(complete_fish 'lotse context us')" use
  is "$(complete_fish 'lotse template show tr')" train
  is "$(complete_fish 'lotse run servi')" service
  is "$(complete_fish 'lotse run mi')" mine
  is "$(complete_fish 'lotse run mine --ready')" --ready-path
fi

if command -v zsh >/dev/null; then
  # What zsh would offer: compadd tells instead of adding.
  complete_zsh() {
    zsh -f -c 'compdef() { :; }; . "$CHECKOUT/completions/lotse.zsh"
      compadd() { shift; print -l -- "$@"; }
      words=("$@"); CURRENT=$#; _lotse' _ "$@"
  }
  says_word() { complete_zsh "${@:2}" | grep -qxF -- "$1" || { echo "FAILED: zsh does not offer $1"; exit 1; }; }
  says_word train lotse tr
  says_word --epochs lotse train --epo
  says_word use lotse context us
  says_word train lotse template show tr
  says_word service lotse run servi
  says_word mine lotse run mi
  says_word --ready-path lotse run mine --ready
fi
