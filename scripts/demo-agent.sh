#!/bin/sh
# The agent of the demo. Like any agent it reads a prompt on standard input, changes files in the folder where it was started, and
# says at the end what it did. Its folder is called <subtask>-a<attempt>.
cat > /dev/null # what an agent program would read
place=$(basename "$PWD")
step=${place%-a*}
echo "$step: reads the repository"
sleep "${DEMO_PACE:-0.3}" # an agent waits for its model
case $place in
  *backend-a1) sleep 60 ;; # the demo ends this one, in the middle of its work
esac
mkdir -p src tests docs
case $step in
  *design*) echo "login NAME PASSWORD says yes or no." > docs/auth.md ;;
  *backend*) echo 'login() { [ "$1" = ada ] && [ "$2" = secret ]; }' > src/login.sh ;;
  *frontend*) echo 'form() { echo "name: "; echo "password: "; }' > src/form.sh ;;
  *test*)
    {
      echo '. ./src/login.sh && . ./src/form.sh'
      echo 'login ada secret && ! login ada guess && [ "$(form | wc -l)" -eq 2 ]'
    } > tests/login.sh
    ;;
  *docs*) echo "Sign in with your name and your password." > docs/usage.md ;;
  typo) sed 's/teh/the/' README.md > README.new && mv README.new README.md ;;
  dashboard) sed 's/total = 41/total = 42/' dashboard/total.sh > total.new && mv total.new dashboard/total.sh ;;
esac
changed=$(git status --porcelain | wc -l)
echo "$step: done, $changed changed"
